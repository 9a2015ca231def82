/// The 32 bytes of a SHA-256 (FIPS 180-4).
public struct SHA256Digest: Sendable, Hashable {
    public static let byteCount = 32

    public let bytes: [UInt8]

    /// Nil unless there are exactly 32 bytes.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    init(exactly bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The digest of `bytes`.
    public init(of bytes: RawSpan) {
        var hasher = SHA256Hasher()
        hasher.update(bytes)
        self = hasher.finalize()
    }

    /// The digest of `bytes`.
    public init(of bytes: [UInt8]) {
        // Bytes of an array of UInt8 are its elements.
        unsafe self.init(of: bytes.span.bytes)
    }

    /// 64 lowercase hexadecimal digits.
    public var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil unless the text is 64 lowercase hexadecimal digits.
    public init?(hexadecimal text: some Collection<UInt8>) {
        guard text.count == 2 * Self.byteCount else { return nil }
        var nibbles: [UInt8] = []
        for byte in text {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): nibbles.append(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): nibbles.append(byte - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        bytes = (0..<Self.byteCount).map { nibbles[2 * $0] << 4 | nibbles[2 * $0 + 1] }
    }
}

extension SHA256Digest: CustomStringConvertible {
    public var description: String { hexadecimal }
}
