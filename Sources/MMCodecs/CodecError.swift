public import MMBytes

/// Stored bytes that do not decode to what their container says.
public struct CodecError: DiagnosedError {
    public enum Reason: Sendable, Hashable {
        /// libzstd's own words.
        case zstandard(String)
        /// The frame holds, or says that it holds, another number of bytes.
        case wrongContentByteCount(found: UInt64?, expected: Int)
        /// Something follows the frame, or it ends early.
        case wrongFrameByteCount(found: Int, expected: Int)
        case unknownSplit(UInt8, expected: UInt8)
        case malformedChunk(storedByteCount: Int)
        /// The coded symbols do not end where, or in the state in which, a coder begins.
        case undecodableSymbols(storedByteCount: Int)
        case notWholeElements(byteCount: Int, elementByteCount: Int)
        case outputTooSmall(byteCount: Int)
    }

    public let reason: Reason

    @inline(never)
    public init(_ reason: Reason) {
        self.reason = reason
    }

    public var category: ErrorCategory {
        switch reason {
        case .outputTooSmall: .internalFault
        default: .badData
        }
    }

    public var description: String {
        switch reason {
        case .zstandard(let text): "zstd: \(text)"
        case .wrongContentByteCount(let found, let expected):
            "zstd frame holds \(found.map(\.description) ?? "an unknown number of") bytes; \(expected) expected"
        case .wrongFrameByteCount(let found, let expected):
            "zstd frame is \(found) bytes long; \(expected) expected"
        case .unknownSplit(let found, let expected): "chunk is split by method \(found); \(expected) expected"
        case .malformedChunk(let storedByteCount): "chunk of \(storedByteCount) stored bytes has a malformed header"
        case .undecodableSymbols(let storedByteCount):
            "chunk of \(storedByteCount) stored bytes has damaged symbols"
        case .notWholeElements(let byteCount, let elementByteCount):
            "chunk of \(byteCount) bytes does not hold whole elements of \(elementByteCount)"
        case .outputTooSmall(let byteCount): "output of \(byteCount) bytes is too small"
        }
    }
}
