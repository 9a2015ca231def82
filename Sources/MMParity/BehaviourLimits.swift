package import MMBytes

/// What a comparison must not exceed to pass; nil where anything passes.
package struct BehaviourLimits: Sendable, Hashable {
    /// Largest mean Kullback-Leibler divergence, in nats a token.
    package var maximumMeanDivergence: Double?
    /// Smallest share of positions where both models find the same token likeliest, 0...1.
    package var minimumTopAgreement: Double?
    /// Every tensor is exact and every logit equal, bit for bit: what lossless means.
    package var requiresExact: Bool

    package init(
        maximumMeanDivergence: Double? = nil,
        minimumTopAgreement: Double? = nil,
        requiresExact: Bool = false
    ) {
        self.maximumMeanDivergence = maximumMeanDivergence
        self.minimumTopAgreement = minimumTopAgreement
        self.requiresExact = requiresExact
    }

    package static let lossless = BehaviourLimits(requiresExact: true)

    /// The limits that a comparison exceeds, each in a sentence; none when it passes.
    package func violations(of comparison: LogitsComparison) -> [String] {
        var violations: [String] = []
        // Written so that NaN is a violation.
        if let allowed = maximumMeanDivergence, !(comparison.meanDivergence <= allowed) {
            violations.append("mean KL divergence is \(comparison.meanDivergence); at most \(allowed) is allowed")
        }
        if let allowed = minimumTopAgreement, !(comparison.topAgreement >= allowed) {
            violations.append("top-1 agreement is \(comparison.topAgreement); at least \(allowed) is needed")
        }
        if requiresExact, !comparison.isBitEqual {
            let unequal = comparison.positionCount - comparison.bitEqualCount
            violations.append("logits differ at \(unequal) of \(comparison.positionCount) positions")
        }
        return violations
    }

    package var json: JSONValue {
        [
            "max_kl": maximumMeanDivergence.map { .number($0) } ?? .null,
            "min_top1": minimumTopAgreement.map { .number($0) } ?? .null,
            "exact": .bool(requiresExact),
        ]
    }
}
