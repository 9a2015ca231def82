public import MMCodecs

/// What the manifest says of one file of the bundle: enough to prove all of it.
public struct BundlePart: Sendable, Hashable {
    public let chunkTableOffset: Int
    public let chunkCount: Int
    /// SHA-256 of the chunk table.
    public let chunkTableDigest: SHA256Digest
}
