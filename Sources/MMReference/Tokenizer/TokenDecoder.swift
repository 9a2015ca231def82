/// Turns tokens into the bytes that they stand for: the `decoder` of a tokenizer.json.
///
/// A run of byte tokens is those bytes. (The `tokenizers` library makes a U+FFFD of each byte of a run that is not
/// UTF-8; here a caller sees the bytes.)
struct TokenDecoder: Sendable {
    enum Step: Sendable {
        case replace([UInt8], with: [UInt8])
        /// The replacement becomes a space; in the first token it vanishes where one was put before the text.
        case metaspace(replacement: [UInt8], dropsFirst: Bool)
        /// Takes a character off the ends of each token, as often as told.
        case strip([UInt8], start: Int, end: Int)
        /// A token of a byte becomes that byte.
        case byteFallback
    }

    /// Tokens spell bytes in `ByteAlphabet`; there are no steps.
    var isByteLevel = false
    var steps: [Step] = []
    /// Taken off the beginning of the whole text, as often as told.
    var strippedStart: [UInt8] = []
    var strippedStartCount = 0

    /// The bytes of a token.
    func bytes(of token: [UInt8], isAdded: Bool, isFirst: Bool) -> [UInt8] {
        if isByteLevel { return isAdded ? token : ByteAlphabet.bytes(spelledBy: token) ?? token }
        var bytes = token
        for step in steps {
            switch step {
            case .replace(let old, let new): bytes = Self.replacing(old, with: new, in: bytes)
            case .metaspace(let replacement, let dropsFirst):
                bytes = Self.replacing(replacement, with: isFirst && dropsFirst ? [] : [0x20], in: bytes)
            case .strip(let character, let start, let end):
                for _ in 0..<start where bytes.starts(with: character) { bytes.removeFirst(character.count) }
                for _ in 0..<end where bytes.suffix(character.count).elementsEqual(character) {
                    bytes.removeLast(character.count)
                }
            case .byteFallback:
                if let byte = ByteTokens.byte(spelledBy: bytes) { return [byte] }
            }
        }
        return bytes
    }

    /// Whether the first token of a text may have other bytes than the same token elsewhere.
    var tellsFirst: Bool {
        steps.contains { if case .metaspace(_, dropsFirst: true) = $0 { true } else { false } }
    }

    private static func replacing(_ old: [UInt8], with new: [UInt8], in bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var rest = bytes[...]
        while let first = rest.first {
            if rest.starts(with: old) {
                result += new
                rest = rest.dropFirst(old.count)
            } else {
                result.append(first)
                rest = rest.dropFirst()
            }
        }
        return result
    }
}
