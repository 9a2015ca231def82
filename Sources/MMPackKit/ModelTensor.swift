internal import MMBundles
internal import MMBytes
internal import MMCodecs
internal import MMTensors

/// What a bundle says of one tensor.
public struct ModelTensor: Sendable, Hashable {
    public let name: String
    /// As safetensors and GGML spell it: "F32", "BF16", "Q4_0" and so on.
    public let type: String
    /// Outermost dimension first; empty for a scalar.
    public let shape: [Int]
    /// What it is to the model, such as "attn.q" or "norm".
    public let role: String
    /// The part of the model that it belongs to: "text", "vision" or "connector".
    public let component: String
    /// Runs along the innermost dimension.
    public let rowCount: Int
    /// Bytes of a row: its elements, or blocks of them, with the padding of the last block.
    public let rowByteCount: Int
    /// Bytes of the whole tensor in memory.
    public let byteCount: Int
    /// Whether it is stored compressed; otherwise it can be used where it lies in the file.
    public let isCompact: Bool
    /// SHA-256 of the bytes, 64 hexadecimal digits: equal for the same tensor in a safetensors or GGUF file.
    public let sha256: String
    let index: Int

    init(_ tensor: BundleTensor, index: Int) {
        name = tensor.name.string
        type = tensor.descriptor.type.rawValue
        shape = tensor.descriptor.shape.dimensions
        role = tensor.role
        component = tensor.component
        rowCount = tensor.descriptor.rowCount
        rowByteCount = tensor.descriptor.rowByteCount
        byteCount = tensor.descriptor.byteCount
        isCompact = tensor.encoding == .compact
        sha256 = tensor.digest.hexadecimal
        self.index = index
    }

    /// Throws `ModelBundleError` for rows that the tensor does not have.
    func byteRange(of rows: Range<Int>?) throws(ModelBundleError) -> Range<Int> {
        guard let rows else { return 0..<byteCount }
        guard rows.lowerBound >= 0, rows.upperBound <= rowCount else {
            throw ModelBundleError(.misuse, "\(name): rows \(rows) asked for; it has \(rowCount)")
        }
        // Inside byteCount, which is their product.
        return rows.lowerBound * rowByteCount..<rows.upperBound * rowByteCount
    }
}
