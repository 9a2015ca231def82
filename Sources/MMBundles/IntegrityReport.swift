public import MMCodecs

/// What `verifyIntegrity` has proven: every byte of every file.
public struct IntegrityReport: Sendable, Hashable {
    public let identity: SHA256Digest
    public let partCount: Int
    public let tensorCount: Int
    public let chunkCount: Int
    public let assetCount: Int
    /// Of all files.
    public let byteCount: Int
    /// Of all tensors, decoded.
    public let logicalByteCount: Int
}
