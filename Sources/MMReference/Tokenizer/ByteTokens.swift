import MMBytes

/// The tokens `<0x00>` to `<0xFF>` with which a vocabulary spells what it has no other tokens for.
struct ByteTokens: Sendable {
    private static let missing = UInt32.max

    /// The id of each byte, or `missing`.
    private let ids: [UInt32]

    init(_ vocabulary: Vocabulary) {
        ids = (UInt8.min...UInt8.max).map { vocabulary.id(of: ByteString(Self.spelling(of: $0))) ?? Self.missing }
    }

    /// Whether every byte has a token.
    var isComplete: Bool { !ids.contains(Self.missing) }

    /// Appends the ids of the bytes of `text`; false, and nothing, where one of them has none.
    func append(_ text: Span<UInt8>, to output: inout [UInt32]) -> Bool {
        for index in text.indices where ids[Int(text[index])] == Self.missing { return false }
        for index in text.indices { output.append(ids[Int(text[index])]) }
        return true
    }

    private static func spelling(of byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return [0x3C, 0x30, 0x78, digits[Int(byte >> 4)], digits[Int(byte & 15)], 0x3E]
    }

    /// The byte that a token spells: `<0x`, two hexadecimal digits, `>`; nil for any other.
    static func byte(spelledBy token: [UInt8]) -> UInt8? {
        guard token.count == 6, token.starts(with: "<0x".utf8), token[5] == 0x3E else { return nil }
        guard let high = digit(token[3]), let low = digit(token[4]) else { return nil }
        return high << 4 | low
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
