public import MMBytes

/// A file that goes into a tar archive.
public struct TarMember: Sendable, Hashable {
    /// Plain, or with folders in front.
    public let name: ByteString
    public let byteCount: Int

    public init(name: ByteString, byteCount: Int) {
        self.name = name
        self.byteCount = byteCount
    }
}
