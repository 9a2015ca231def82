public import MMBytes

/// How far writing or verifying a bundle has come.
public struct BundleProgress: Sendable, Hashable {
    /// Bytes of tensors as the source gives them, done so far.
    public let logicalByteCount: Int
    public let totalLogicalByteCount: Int
    /// Bytes of them in the bundle so far.
    public let storedByteCount: Int
    public let tensorName: ByteString
}
