package import MMBytes
package import MMTensors

/// Why two models cannot be compared.
package struct ParityError: DiagnosedError {
    package enum Reason: Sendable, Hashable {
        case shapesDiffer(ByteString, base: Shape, other: Shape)
        case notComparable(ByteString, base: ElementType, other: ElementType)
        case vocabulariesDiffer(base: Int, other: Int)
        case noTokens
    }

    package let reason: Reason

    @inline(never)
    package init(_ reason: Reason) {
        self.reason = reason
    }

    package var category: ErrorCategory {
        switch reason {
        case .shapesDiffer, .notComparable, .vocabulariesDiffer: .badData
        case .noTokens: .usage
        }
    }

    package var description: String {
        switch reason {
        case .shapesDiffer(let name, let base, let other): "\(name): shape is \(other); the source has \(base)"
        case .notComparable(let name, let base, let other):
            "\(name): elements of type \(other) cannot be compared with \(base)"
        case .vocabulariesDiffer(let base, let other): "vocabulary: \(other) entries; the source has \(base)"
        case .noTokens: "no tokens to compare on: 2 needed at least"
        }
    }
}
