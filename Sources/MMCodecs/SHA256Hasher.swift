internal import Crypto

/// SHA-256 over bytes that come in pieces.
public struct SHA256Hasher: Sendable {
    private var state = SHA256()

    public init() {}

    public mutating func update(_ bytes: RawSpan) {
        // The buffer is read inside the closure only.
        unsafe bytes.withUnsafeBytes { unsafe state.update(bufferPointer: $0) }
    }

    /// The digest of all bytes so far.
    public func finalize() -> SHA256Digest {
        SHA256Digest(exactly: state.finalize())
    }
}
