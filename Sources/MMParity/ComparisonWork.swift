/// A pair of tensors to compare.
struct ComparisonWork: Sendable {
    let base: ComparisonSide
    let other: ComparisonSide

    /// Whether both can be decoded to f32.
    var isDecodable: Bool { base.decodableType != nil && other.decodableType != nil }
}
