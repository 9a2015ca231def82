/// Decodes ids one by one into text that is whole: a character that is cut between two tokens is held back until the
/// rest of it is there.
///
/// What comes out, joined, is the decoded bytes with malformed UTF-8 replaced by U+FFFD.
package struct TokenStreamDecoder: Sendable {
    private let tokenizer: Tokenizer
    private let skipsSpecialTokens: Bool
    private var state: DecodingState
    /// At most three bytes: the beginning of a character.
    private var held: [UInt8] = []

    package init(_ tokenizer: Tokenizer, skippingSpecialTokens: Bool = false) {
        self.tokenizer = tokenizer
        skipsSpecialTokens = skippingSpecialTokens
        state = DecodingState(tokenizer)
    }

    /// The text that `id` completes, as UTF-8; it may be empty.
    package mutating func append(_ id: UInt32) -> [UInt8] {
        guard !(skipsSpecialTokens && tokenizer.isSpecial(id)) else { return [] }
        var bytes = held
        state.append(id, of: tokenizer, to: &bytes)
        let wholeCount = bytes.count - Self.cutCharacterByteCount(at: bytes)
        held = Array(bytes[wholeCount...])
        return Array(String(decoding: bytes[..<wholeCount], as: UTF8.self).utf8)
    }

    /// What is still held back: U+FFFD for a character that was never completed.
    package mutating func finish() -> [UInt8] {
        defer { held = [] }
        return Array(String(decoding: held, as: UTF8.self).utf8)
    }

    /// How many bytes at the end may be the beginning of a character (Unicode Standard, table 3-7).
    private static func cutCharacterByteCount(at bytes: [UInt8]) -> Int {
        for count in 1...3 where count <= bytes.count {
            let first = bytes[bytes.count - count]
            guard first & 0xC0 != 0x80 else { continue }
            let length =
                switch first {
                case 0xC2...0xDF: 2
                case 0xE0...0xEF: 3
                case 0xF0...0xF4: 4
                default: 0
                }
            guard count < length else { return 0 }
            return count == 1 || isSecondByte(bytes[bytes.count - count + 1], after: first) ? count : 0
        }
        return 0
    }

    private static func isSecondByte(_ byte: UInt8, after first: UInt8) -> Bool {
        switch first {
        case 0xE0: (0xA0...0xBF).contains(byte)
        case 0xED: (0x80...0x9F).contains(byte)
        case 0xF0: (0x90...0xBF).contains(byte)
        case 0xF4: (0x80...0x8F).contains(byte)
        default: (0x80...0xBF).contains(byte)
        }
    }
}
