/// The 32 bytes of a SHA-256 (FIPS 180-4).
public struct SHA256Digest: Sendable, Hashable {
    public static let byteCount = 32

    /// Eight bytes each, the first most significant: no memory of its own, since there may be millions.
    private let words: [4 of UInt64]

    /// 32 zeros: where no digest is.
    public static let zeros = SHA256Digest(exactly: [UInt8](repeating: 0, count: byteCount))

    /// Nil unless there are exactly 32 bytes.
    public init?(_ bytes: some Collection<UInt8>) {
        // An array, since a bundle has thousands and generic code takes ten times as long.
        let array = Array(bytes)
        guard array.count == Self.byteCount else { return nil }
        self.init(exactly: array)
    }

    /// The first 32 of at least as many bytes.
    init(exactly bytes: [UInt8]) {
        var words: [4 of UInt64] = [0, 0, 0, 0]
        for index in 0..<Self.byteCount { words[index / 8] = words[index / 8] << 8 | UInt64(bytes[index]) }
        self.words = words
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

    public var bytes: [UInt8] {
        (0..<Self.byteCount).map { UInt8(truncatingIfNeeded: words[$0 / 8] >> (56 - 8 * ($0 % 8))) }
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
        let text = Array(text)
        guard text.count == 2 * Self.byteCount else { return nil }
        var words: [4 of UInt64] = [0, 0, 0, 0]
        for index in text.indices {
            let nibble: UInt8
            switch text[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): nibble = text[index] - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): nibble = text[index] - UInt8(ascii: "a") + 10
            default: return nil
            }
            words[index / 16] = words[index / 16] << 4 | UInt64(nibble)
        }
        self.words = words
    }

    public static func == (left: SHA256Digest, right: SHA256Digest) -> Bool {
        left.words.indices.allSatisfy { left.words[$0] == right.words[$0] }
    }

    public func hash(into hasher: inout Hasher) {
        for index in words.indices { hasher.combine(words[index]) }
    }
}

extension SHA256Digest: CustomStringConvertible {
    public var description: String { hexadecimal }
}
