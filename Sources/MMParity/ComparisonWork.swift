internal import MMTensors

/// A pair of tensors to compare.
struct ComparisonWork: Sendable {
    let base: ComparisonSide
    let other: ComparisonSide

    var isOfOneType: Bool { base.tensor.type == other.tensor.type }

    /// Whether both can be decoded to f32.
    var isDecodable: Bool { base.decodableType != nil && other.decodableType != nil }
}
