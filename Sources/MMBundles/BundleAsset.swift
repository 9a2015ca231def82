public import MMBytes
public import MMCodecs

/// What the manifest says of one asset.
public struct BundleAsset: Sendable, Hashable {
    public let name: ByteString
    /// Decoded.
    public let byteCount: Int
    /// `.raw` or `.zstandard`.
    public let encoding: ChunkEncoding
    /// The row of part 1's chunk table.
    public let chunk: Int
    /// SHA-256 of the decoded bytes.
    public let digest: SHA256Digest
}
