package import MMBytes

/// How a tensor of the model relates to one of its source, where it is not that tensor as it is.
package enum LayoutOperation: Sendable, Hashable {
    /// GGML's order of rows for rotary embedding was undone, with so many heads.
    case ropeUnpermute(headCount: Int)
    /// The source's tensor is this element of the outermost dimension.
    case element(Int)
    /// The tensor is these rows of the source's: of its last dimension but one, or the only one.
    case rows(start: Int, count: Int)
    /// The source's tensor is this element of the last dimension but two.
    case frame(Int)
    /// The source's tensor is the same elements in this shape, which differs by dimensions of 1.
    case shape([Int])
}

extension LayoutOperation: CustomStringConvertible {
    /// As the ledger of a bundle has it.
    package var description: String {
        switch self {
        case .ropeUnpermute(let headCount): "rope_unpermute(\(headCount))"
        case .element(let index): "element(\(index))"
        case .rows(let start, let count): "rows(\(start), \(count))"
        case .frame(let index): "frame(\(index))"
        case .shape(let dimensions): "shape(\(dimensions.map(\.description).joined(separator: ", ")))"
        }
    }

    /// Nil for a text that is none of the operations.
    package init?(_ text: ByteString) {
        let parts = text.string.split(whereSeparator: { "(), ".contains($0) })
        let numbers = parts.dropFirst().compactMap { Int($0) }
        switch (parts.first, numbers.count) {
        case ("rope_unpermute", 1): self = .ropeUnpermute(headCount: numbers[0])
        case ("element", 1) where numbers[0] >= 0: self = .element(numbers[0])
        case ("frame", 1) where numbers[0] >= 0: self = .frame(numbers[0])
        case ("shape", 1...) where numbers.allSatisfy({ $0 >= 0 }): self = .shape(numbers)
        case ("rows", 2) where numbers[0] >= 0 && numbers[1] > 0: self = .rows(start: numbers[0], count: numbers[1])
        default: return nil
        }
        guard ByteString(description) == text else { return nil }
    }
}
