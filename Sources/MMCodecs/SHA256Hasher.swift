internal import CKernels
internal import Crypto

/// SHA-256 over bytes that come in pieces.
///
/// With the processor's own instructions where it has them, since two messages together then take the time of one;
/// else by the library.
public struct SHA256Hasher: Sendable {
    private enum State {
        case instructions(mmk_sha256)
        case library(SHA256)
    }

    private static let hasInstructions = mmk_sha256_available()

    private var state: State

    public init() {
        self.init(withInstructions: true)
    }

    /// By the library where `withInstructions` is false, as if there were no instructions.
    package init(withInstructions: Bool) {
        guard withInstructions, Self.hasInstructions else {
            state = .library(SHA256())
            return
        }
        var message = mmk_sha256()
        // `message` outlives the call.
        unsafe mmk_sha256_begin(&message)
        state = .instructions(message)
    }

    public mutating func update(_ bytes: RawSpan) {
        // The buffer is read inside the closure only.
        unsafe bytes.withUnsafeBytes { buffer in
            switch state {
            case .library(var hash):
                unsafe hash.update(bufferPointer: buffer)
                state = .library(hash)
            case .instructions(var message):
                guard let base = buffer.baseAddress else { return }
                // Exactly the buffer; `message` outlives the call.
                unsafe mmk_sha256_update(&message, base.assumingMemoryBound(to: UInt8.self), buffer.count)
                state = .instructions(message)
            }
        }
    }

    /// Two messages grow at once: of the shorter of both pieces and as much of the other, one costs no time.
    public static func update(
        _ first: inout SHA256Hasher,
        _ firstBytes: RawSpan,
        and second: inout SHA256Hasher,
        _ secondBytes: RawSpan
    ) {
        guard case .instructions(var a) = first.state, case .instructions(var b) = second.state else {
            first.update(firstBytes)
            second.update(secondBytes)
            return
        }
        // The buffers are read inside the closures only.
        unsafe firstBytes.withUnsafeBytes { firstBuffer in
            unsafe secondBytes.withUnsafeBytes { secondBuffer in
                guard let firstBase = firstBuffer.baseAddress, let secondBase = secondBuffer.baseAddress else {
                    first.update(firstBytes)
                    second.update(secondBytes)
                    return
                }
                // Exactly the buffers; both messages outlive the call and are two.
                unsafe mmk_sha256_update_pair(
                    &a,
                    firstBase.assumingMemoryBound(to: UInt8.self),
                    firstBuffer.count,
                    &b,
                    secondBase.assumingMemoryBound(to: UInt8.self),
                    secondBuffer.count
                )
                first.state = .instructions(a)
                second.state = .instructions(b)
            }
        }
    }

    /// The digest of all bytes so far.
    public func finalize() -> SHA256Digest {
        switch state {
        case .library(let hash): return SHA256Digest(exactly: Array(hash.finalize()))
        case .instructions(var message):
            var digest = [UInt8](repeating: 0, count: SHA256Digest.byteCount)
            // 32 bytes are written; both outlive the call.
            unsafe mmk_sha256_digest(&message, &digest)
            return SHA256Digest(exactly: digest)
        }
    }
}
