public import MMCodecs

/// A bundle that is in place.
public struct BundleSummary: Sendable, Hashable {
    public let paths: [String]
    /// Of all files.
    public let byteCount: Int
    public let identity: SHA256Digest
    public let tensorCount: Int
    /// Of all tensors as the source gave them.
    public let logicalByteCount: Int
}
