package import MMBytes

/// A tokenizer that cannot be built from its description, or a text that it cannot take.
package struct TokenizerError: DiagnosedError {
    package enum Reason: Sendable, Hashable {
        case missing(expected: String)
        case wrongType(expected: String)
        /// A component of a kind that is not supported, by its type as the file spells it.
        case unsupportedComponent(ByteString)
        /// A component's option with a value that is not supported.
        case unsupportedOption(String)
        /// More tokens, merges or bytes than a vocabulary may have.
        case tooMany(String, count: Int, allowed: Int)
        case duplicateToken(ByteString, first: UInt32, second: UInt32)
        case duplicateID(UInt32, first: ByteString, second: ByteString)
        case idOutOfRange(Int, count: Int)
        /// A hole in the ids.
        case missingID(Int)
        case malformedMerge(ByteString)
        case duplicateMerge(ByteString)
        /// A merge that names a token, or makes one, that is not in the vocabulary.
        case mergeOutsideVocabulary(merge: ByteString, piece: ByteString)
        case addedTokenElsewhere(ByteString, listed: Int, vocabulary: UInt32)
        case addedTokenLength(ByteString, allowed: Int)
        case tokenLength(ByteString, allowed: Int)
        case unknownPreTokenizer(ByteString, known: [ByteString])
        case unknownModel(ByteString, known: [String])
        case unknownToken(ByteString)
        case textTooLong(byteCount: Int, allowed: Int)
        case pattern(PatternError)
    }

    package let reason: Reason
    /// The place in the description: a path of member names, or a metadata key.
    package let place: String

    @inline(never)
    init(_ reason: Reason, at place: String) {
        self.reason = reason
        self.place = place
    }

    package var category: ErrorCategory { .badData }

    package var description: String { "tokenizer: \(ByteString(place)): \(text)" }

    private var text: String {
        switch reason {
        case .missing(let expected): "missing; expected \(expected)"
        case .wrongType(let expected): "not \(expected)"
        case .unsupportedComponent(let type): "the component \(type) is not supported"
        case .unsupportedOption(let what): "\(what) is not supported"
        case .tooMany(let what, let count, let allowed): "\(count) \(what); at most \(allowed) are allowed"
        case .duplicateToken(let token, let first, let second):
            "the token \"\(token)\" has two ids, \(first) and \(second)"
        case .duplicateID(let id, let first, let second): "id \(id) has two tokens, \"\(first)\" and \"\(second)\""
        case .idOutOfRange(let id, let count): "id \(id) is outside the vocabulary of \(count) tokens"
        case .missingID(let id): "no token has the id \(id), though a higher one is taken"
        case .malformedMerge(let merge): "the merge \"\(merge)\" is not a pair of tokens"
        case .duplicateMerge(let merge): "the merge \"\(merge)\" is listed twice"
        case .mergeOutsideVocabulary(let merge, let piece):
            "the merge \"\(merge)\" needs the token \"\(piece)\", which is not in the vocabulary"
        case .addedTokenElsewhere(let token, let listed, let vocabulary):
            "the added token \"\(token)\" has the id \(listed), but \(vocabulary) in the vocabulary"
        case .addedTokenLength(let token, let allowed):
            "the added token \"\(ByteString(token.bytes.prefix(40)))\" has \(token.count) bytes; 1 to \(allowed) are allowed"
        case .tokenLength(let token, let allowed):
            "the token \"\(ByteString(token.bytes.prefix(40)))\" has \(token.count) bytes; at most \(allowed) are allowed"
        case .unknownPreTokenizer(let name, let known):
            "unknown pre-tokenizer \"\(name)\"; known are \(known.map(\.description).joined(separator: ", "))"
        case .unknownModel(let name, let known):
            "unknown tokenizer model \"\(name)\"; known are \(known.joined(separator: ", "))"
        case .unknownToken(let token): "the token \"\(token)\" is not in the vocabulary"
        case .textTooLong(let byteCount, let allowed): "a text of \(byteCount) bytes; at most \(allowed) are allowed"
        case .pattern(let error): error.description
        }
    }
}
