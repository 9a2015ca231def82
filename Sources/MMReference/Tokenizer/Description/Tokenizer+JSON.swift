package import MMBytes

extension Tokenizer {
    /// Reads a tokenizer.json of the `tokenizers` library: byte-pair encoding of bytes or characters, or a unigram model.
    ///
    /// - Parameters:
    ///   - tokenizerJSON: the document.
    ///   - tokenizerConfiguration: the tokenizer_config.json beside it, which names the beginning and end tokens.
    ///   - generationConfiguration: the generation_config.json, or a config.json, which lists the ids that end
    ///     generation.
    /// - Throws: `TokenizerError` that names what is missing, contradictory or not supported, and where.
    package init(
        tokenizerJSON: JSONValue,
        tokenizerConfiguration: JSONValue? = nil,
        generationConfiguration: JSONValue? = nil
    ) throws(TokenizerError) {
        let root = DescriptionNode(value: tokenizerJSON, path: "")
        let normalizer = try root.member("normalizer").map { node throws(TokenizerError) in try Normalizer(node) }
        let decoder = try TokenDecoder(try root.required("decoder", "a decoder"))
        let model = try root.required("model", "the model")
        let (vocabulary, addedTokens) = try Self.vocabulary(model, root.member("added_tokens"))
        let template = try SpecialTokenTemplate(root.member("post_processor"), tokenCount: vocabulary.count)
        let preTokenizer = try root.member("pre_tokenizer").map { node throws(TokenizerError) in
            try PreTokenizer(node)
        }
        var parts = TokenizerParts(
            vocabulary: vocabulary,
            addedTokens: addedTokens,
            normalizer: normalizer ?? Normalizer(),
            preTokenizer: preTokenizer ?? PreTokenizer(),
            model: try TokenModel(model, vocabulary, isByteLevel: preTokenizer?.isByteLevel ?? false),
            decoder: decoder
        )
        parts.prefixIDs = template.prefixIDs
        parts.suffixIDs = template.suffixIDs
        try parts.readConfiguration(tokenizerConfiguration)
        try parts.readGeneration(generationConfiguration)
        try parts.addKnownEnds()
        try self.init(parts)
    }

    /// The tokens of the model and the added ones, by id.
    private static func vocabulary(
        _ model: DescriptionNode,
        _ added: DescriptionNode?
    ) throws(TokenizerError) -> (Vocabulary, [AddedToken]) {
        let node = try model.required("vocab", "tokens and their ids")
        var listed: [ByteString: UInt32] = [:]
        var tokens = NumberedTokens()
        for (token, id) in try numberedTokens(node) {
            try tokens.insert(token, id: id, at: node.path)
            listed[token] = UInt32(exactly: id)
        }
        var addedTokens: [AddedToken] = []
        var unlisted: Set<UInt32> = []
        for element in try added?.elements() ?? [] {
            let token = try AddedToken(element)
            if let known = listed[token.content] {
                guard known == token.id else {
                    let reason = TokenizerError.Reason.addedTokenElsewhere(
                        token.content,
                        listed: Int(token.id),
                        vocabulary: known
                    )
                    throw TokenizerError(reason, at: element.path)
                }
            } else {
                try tokens.insert(token.content, id: Int(token.id), at: element.path)
                unlisted.insert(token.id)
            }
            addedTokens.append(token)
        }
        let vocabulary = try Vocabulary(try tokens.contiguous(at: node.path), unlisted: unlisted, at: node.path)
        return (vocabulary, addedTokens)
    }

    /// An object of tokens and ids, or a list of pieces with their scores, which are numbered from 0.
    private static func numberedTokens(_ node: DescriptionNode) throws(TokenizerError) -> [(ByteString, Int)] {
        var tokens: [(ByteString, Int)] = []
        if let members = node.value.members {
            for member in members {
                guard let id = member.value.integer else {
                    throw TokenizerError(.wrongType(expected: "an integer"), at: "\(node.path).\(member.name)")
                }
                tokens.append((member.name, id))
            }
            return tokens
        }
        guard let pieces = node.value.elements else { throw node.wrongType("an object or a list") }
        for (index, piece) in pieces.enumerated() {
            guard let token = piece.elements?.first?.string else {
                throw TokenizerError(.wrongType(expected: "a piece and its score"), at: "\(node.path)[\(index)]")
            }
            tokens.append((token, index))
        }
        return tokens
    }
}

extension AddedToken {
    /// One element of `added_tokens`.
    init(_ node: DescriptionNode) throws(TokenizerError) {
        let id = try node.required("id", "an added token's id").integer()
        guard let checked = UInt32(exactly: id), id < Vocabulary.tokenLimit else {
            throw TokenizerError(.idOutOfRange(id, count: Vocabulary.tokenLimit), at: node.path)
        }
        self.init(id: checked, content: try node.required("content", "an added token's text").string())
        isSpecial = try node.flag("special", standard: false)
        isNormalized = try node.flag("normalized", standard: !isSpecial)
        isSingleWord = try node.flag("single_word", standard: false)
        stripsLeft = try node.flag("lstrip", standard: false)
        stripsRight = try node.flag("rstrip", standard: false)
    }
}
