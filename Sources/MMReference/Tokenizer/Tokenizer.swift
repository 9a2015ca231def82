package import MMBytes

/// A tokenizer: text to token ids and back, equal to the `tokenizers` library's. Byte-pair encoding of bytes or of
/// characters, by merges or by scores, and unigram models.
///
/// Text is bytes. Bytes that are not UTF-8 are first replaced by U+FFFD, one for each maximal part of a sequence as the
/// Unicode Standard recommends (3.9, U+FFFD Substitution of Maximal Subparts), which is also what Python's
/// `errors="replace"` gives: ids never depend on how a decoder upstream repairs text.
package struct Tokenizer: Sendable {
    /// Longest text in bytes.
    package static let textLimit = 1 << 28

    let vocabulary: Vocabulary
    /// The bytes that each id stands for behind other text.
    let decodedTokens: ByteArena
    let addedTokenIDs: [ByteString: UInt32]
    let specialIDs: Set<UInt32>
    let addedIDs: Set<UInt32>
    /// Searched in the text as given.
    let givenTokenMatcher: AddedTokenMatcher
    /// Searched in the normalized text.
    let normalizedTokenMatcher: AddedTokenMatcher
    let normalizer: Normalizer
    let preTokenizer: PreTokenizer
    let model: TokenModel
    let decoder: TokenDecoder
    /// What `addSpecialTokens` puts around the text.
    let prefixIDs: [UInt32]
    let suffixIDs: [UInt32]

    /// The id that begins a sequence, where the description names one.
    package let beginningOfSequenceID: UInt32?
    /// The id that ends a sequence, where the description names one.
    package let endOfSequenceID: UInt32?
    /// The ids at which generation stops, in ascending order.
    package let endOfGenerationIDs: [UInt32]

    /// The number of ids: the highest id and one.
    package var vocabularyCount: Int { vocabulary.count }

    init(_ parts: TokenizerParts) throws(TokenizerError) {
        addedTokenIDs = try Self.index(parts.addedTokens)
        vocabulary = parts.vocabulary
        model = parts.model
        preTokenizer = parts.preTokenizer
        prefixIDs = parts.prefixIDs
        suffixIDs = parts.suffixIDs
        specialIDs = Set(parts.addedTokens.filter(\.isSpecial).map(\.id))
        givenTokenMatcher = AddedTokenMatcher(parts.addedTokens.filter { !$0.isNormalized })
        normalizer = parts.normalizer
        normalizedTokenMatcher = AddedTokenMatcher(try Self.normalizedTokens(parts))
        beginningOfSequenceID = parts.beginningOfSequenceID
        endOfSequenceID = parts.endOfSequenceID
        endOfGenerationIDs = Set(parts.endOfGenerationIDs).sorted()
        let addedIDs = Set(parts.addedTokens.map(\.id))
        self.addedIDs = addedIDs
        decoder = parts.decoder
        var decodedTokens = ByteArena()
        for index in 0..<parts.vocabulary.count {
            let isAdded = addedIDs.contains(UInt32(index))
            let token = Array(parts.vocabulary.tokens[index])
            decodedTokens.append(parts.decoder.bytes(of: token, isAdded: isAdded, isFirst: false))
        }
        self.decodedTokens = decodedTokens
    }

    /// The added tokens that are searched in normalized text, which are normalized too.
    private static func normalizedTokens(_ parts: TokenizerParts) throws(TokenizerError) -> [AddedToken] {
        var tokens: [AddedToken] = []
        var contents: Set<ByteString> = []
        for var token in parts.addedTokens where token.isNormalized {
            token.content = try parts.normalizer.normalized(token.content)
            guard token.content.count <= AddedTokenMatcher.contentLimit else {
                let reason = TokenizerError.Reason.addedTokenLength(
                    token.content,
                    allowed: AddedTokenMatcher.contentLimit
                )
                throw TokenizerError(reason, at: "added tokens")
            }
            if !token.content.isEmpty, contents.insert(token.content).inserted { tokens.append(token) }
        }
        return tokens
    }

    /// The ids of the added tokens by their contents, which are distinct and of a bounded length.
    private static func index(_ tokens: [AddedToken]) throws(TokenizerError) -> [ByteString: UInt32] {
        let place = "added tokens"
        var ids: [ByteString: UInt32] = [:]
        var byteCount = 0
        for token in tokens {
            guard !token.content.isEmpty, token.content.count <= AddedTokenMatcher.contentLimit else {
                let reason = TokenizerError.Reason.addedTokenLength(
                    token.content,
                    allowed: AddedTokenMatcher.contentLimit
                )
                throw TokenizerError(reason, at: place)
            }
            if let other = ids.updateValue(token.id, forKey: token.content) {
                throw TokenizerError(.duplicateToken(token.content, first: other, second: token.id), at: place)
            }
            byteCount += token.content.count
        }
        guard byteCount <= AddedTokenMatcher.byteLimit else {
            let reason = TokenizerError.Reason.tooMany("bytes", count: byteCount, allowed: AddedTokenMatcher.byteLimit)
            throw TokenizerError(reason, at: place)
        }
        return ids
    }

    /// The id of a token by its text as the vocabulary spells it, or as an added token.
    package func id(of token: ByteString) -> UInt32? { addedTokenIDs[token] ?? vocabulary.id(of: token) }

    /// The ids of a text.
    ///
    /// - Parameters:
    ///   - addSpecialTokens: puts the beginning and end around the text that the description asks for.
    ///   - parseSpecial: takes control tokens that the text spells as those tokens, not as text. Switch it off for
    ///     text of a stranger's. Added tokens that are not control tokens are always found.
    /// - Throws: `TokenizerError` for a text that is or becomes longer than `textLimit`, or one on which a split pattern takes too many steps.
    package func encode(
        _ text: [UInt8],
        addSpecialTokens: Bool = true,
        parseSpecial: Bool = true
    ) throws(TokenizerError) -> [UInt32] {
        guard text.count <= Self.textLimit else {
            throw TokenizerError(.textTooLong(byteCount: text.count, allowed: Self.textLimit), at: "text")
        }
        let isValid = String(validating: text, as: UTF8.self) != nil
        var segmented = SegmentedText(isValid ? text : Array(String(decoding: text, as: UTF8.self).utf8))
        if !givenTokenMatcher.isEmpty {
            segmented.cutText { givenTokenMatcher.cut($0, $1, parseSpecial: parseSpecial, into: &$2) }
        }
        try normalizer.normalize(&segmented)
        if !normalizedTokenMatcher.isEmpty {
            segmented.cutText { normalizedTokenMatcher.cut($0, $1, parseSpecial: parseSpecial, into: &$2) }
        }
        do {
            try preTokenizer.cut(&segmented)
        } catch {
            throw TokenizerError(.pattern(error), at: "pre-tokenizer")
        }
        var ids: [UInt32] = addSpecialTokens ? prefixIDs : []
        model.appendIDs(of: segmented, to: &ids)
        if addSpecialTokens { ids += suffixIDs }
        return ids
    }

    package func encode(
        _ text: ByteString,
        addSpecialTokens: Bool = true,
        parseSpecial: Bool = true
    ) throws(TokenizerError) -> [UInt32] {
        try encode(text.bytes, addSpecialTokens: addSpecialTokens, parseSpecial: parseSpecial)
    }

    package func encode(
        _ text: String,
        addSpecialTokens: Bool = true,
        parseSpecial: Bool = true
    ) throws(TokenizerError) -> [UInt32] {
        try encode(Array(text.utf8), addSpecialTokens: addSpecialTokens, parseSpecial: parseSpecial)
    }
}
