package import MMBytes

/// Whether comparisons keep to their limits, and if not, which they exceed.
package struct ParityVerdict: Sendable, Hashable {
    package enum Violation: Sendable, Hashable {
        case divergence(found: Double, allowed: Double)
        case topAgreement(found: Double, allowed: Double)
        case inexactTensor(ByteString, unequalCount: Int, elementCount: Int)
        case logitsNotEqual(positionCount: Int, of: Int)
        /// A tensor with a value that is not a number where the source's is one, or the reverse.
        case notANumber(ByteString)
        case missingTensor(ByteString)
        case surplusTensor(ByteString)
    }

    package let violations: [Violation]

    package var passes: Bool { violations.isEmpty }

    package init(_ violations: [Violation]) {
        self.violations = violations
    }

    /// Judges by `limits` whatever was compared.
    package init(
        limits: BehaviourLimits,
        pairing: TensorPairing? = nil,
        tensors: [TensorComparison] = [],
        behaviour: LogitsComparison? = nil
    ) {
        var violations: [Violation] = []
        violations += pairing?.missingInOther.map { .missingTensor($0) } ?? []
        violations += pairing?.missingInBase.map { .surplusTensor($0) } ?? []
        for tensor in tensors {
            if limits.requiresExact, !tensor.isExact {
                violations.append(
                    .inexactTensor(
                        tensor.name,
                        unequalCount: tensor.unequalCount,
                        elementCount: tensor.elementCount
                    )
                )
            } else if tensor.error?.relativeRMSE.isNaN ?? false {
                violations.append(.notANumber(tensor.name))
            }
        }
        violations += behaviour.map { Self.violations(of: limits, in: $0) } ?? []
        self.violations = violations
    }

    private static func violations(of limits: BehaviourLimits, in behaviour: LogitsComparison) -> [Violation] {
        var violations: [Violation] = []
        // Written so that NaN is a violation.
        if let allowed = limits.maximumMeanDivergence, !(behaviour.meanDivergence <= allowed) {
            violations.append(.divergence(found: behaviour.meanDivergence, allowed: allowed))
        }
        if let allowed = limits.minimumTopAgreement, !(behaviour.topAgreement >= allowed) {
            violations.append(.topAgreement(found: behaviour.topAgreement, allowed: allowed))
        }
        if limits.requiresExact, !behaviour.isBitEqual {
            let unequal = behaviour.positionCount - behaviour.bitEqualCount
            violations.append(.logitsNotEqual(positionCount: unequal, of: behaviour.positionCount))
        }
        return violations
    }

    package var json: JSONValue {
        [
            "passes": .bool(passes),
            "violations": .array(violations.map { .text($0.description) }),
        ]
    }
}

extension ParityVerdict.Violation: CustomStringConvertible {
    package var description: String {
        switch self {
        case .divergence(let found, let allowed): "mean KL divergence is \(found); at most \(allowed) is allowed"
        case .topAgreement(let found, let allowed): "top-1 agreement is \(found); at least \(allowed) is needed"
        case .inexactTensor(let name, let unequal, let count): "\(name): \(unequal) of \(count) elements differ"
        case .logitsNotEqual(let count, let all): "logits differ at \(count) of \(all) positions"
        case .notANumber(let name): "\(name): holds values that are not numbers"
        case .missingTensor(let name): "\(name): is in the source and not in the bundle"
        case .surplusTensor(let name): "\(name): is in the bundle and not in the source"
        }
    }
}
