internal import MMBytes

/// The dimensions of a tensor, outermost first; empty for a scalar. Validated: no negative dimension, and the number
/// of elements fits.
public struct Shape: Sendable, Hashable {
    /// safetensors and GGUF go no deeper than 8; the cap only bounds hostile headers.
    public static let rankLimit = 64

    public let dimensions: [Int]
    public let elementCount: Int

    /// Nil for a negative dimension, too many of them, or a product that does not fit 63 bits.
    public init?(_ dimensions: [Int]) {
        guard dimensions.count <= Self.rankLimit, dimensions.allSatisfy({ $0 >= 0 }) else { return nil }
        var product = 1
        for dimension in dimensions where dimension != 0 {
            guard let next = product.multiplied(by: dimension) else { return nil }
            product = next
        }
        self.dimensions = dimensions
        self.elementCount = dimensions.contains(0) ? 0 : product
    }

    public var rank: Int { dimensions.count }

    /// Elements of the innermost dimension; 1 for a scalar.
    public var columnCount: Int { dimensions.last ?? 1 }
}

extension Shape: CustomStringConvertible {
    public var description: String { "[" + dimensions.map(\.description).joined(separator: ", ") + "]" }
}
