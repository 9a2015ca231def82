package import MMBytes

extension Tokenizer {
    /// Reads the tokenizer from a GGUF file's metadata, given as an object of its keys and values.
    ///
    /// Needs `tokenizer.ggml.model` ("gpt2": byte-level byte-pair encoding), `.pre`, `.tokens` and `.merges`.
    ///
    /// - Throws: `TokenizerError` that names the key and what is wrong with its value; for a `.pre` that is not in the
    ///   table, the names that are.
    package init(metadata: JSONValue) throws(TokenizerError) {
        let node = DescriptionNode(value: metadata, path: "")
        let model = try node.required(Key.model, "the tokenizer's kind")
        guard try model.string() == "gpt2" else {
            throw TokenizerError(.unknownModel(try model.string(), known: ["gpt2"]), at: Key.model)
        }
        let pre = try node.required(Key.pre, "the name of a split pattern")
        let family = try PreTokenizerTable.embedded().family(named: try pre.string(), at: Key.pre)
        let (vocabulary, addedTokens) = try Self.vocabulary(metadata: node)
        var parts = TokenizerParts(
            vocabulary: vocabulary,
            addedTokens: addedTokens,
            preTokenizer: try PreTokenizer(family, at: Key.pre),
            model: BytePairModel(
                vocabulary: vocabulary,
                merges: try Self.merges(metadata: node, vocabulary),
                ignoresMerges: family.ignoresMerges,
                unknownID: nil,
                fusesUnknown: false
            )
        )
        try parts.readSpecialIDs(node, family)
        try parts.addKnownEnds()
        try self.init(parts)
    }

    private static func vocabulary(metadata: DescriptionNode) throws(TokenizerError) -> (Vocabulary, [AddedToken]) {
        let listed = try metadata.required(Key.tokens, "the tokens").elements()
        var tokens: [ByteString] = []
        tokens.reserveCapacity(listed.count)
        for element in listed {
            let token = try element.string()
            guard token.isValidUTF8 else { throw element.wrongType("valid UTF-8") }
            tokens.append(token)
        }
        let vocabulary = try Vocabulary(tokens, at: Key.tokens)
        guard let types = metadata.member(Key.tokenTypes) else { return (vocabulary, []) }
        let elements = try types.elements()
        guard elements.count == tokens.count else { throw types.wrongType("an array of \(tokens.count) types") }
        var added: [AddedToken] = []
        for (index, element) in elements.enumerated() where !tokens[index].isEmpty {
            // The values of llama.cpp's llama_token_type: 2 unknown, 3 control, 4 user defined.
            switch try element.integer() {
            case 2, 3: added.append(AddedToken(id: UInt32(index), content: tokens[index], isSpecial: true))
            case 4: added.append(AddedToken(id: UInt32(index), content: tokens[index]))
            case 1, 5, 6: continue
            default: throw element.wrongType("a token type from 1 to 6")
            }
        }
        return (vocabulary, added)
    }

    private static func merges(
        metadata: DescriptionNode,
        _ vocabulary: Vocabulary
    ) throws(TokenizerError) -> MergeTable {
        var pairs: [(left: [UInt8], right: [UInt8])] = []
        for element in try metadata.required(Key.merges, "the merges").elements() {
            pairs.append(try MergeTable.parts(of: try element.string(), at: element.path))
        }
        return try MergeTable(pairs, vocabulary: vocabulary, at: Key.merges)
    }
}

/// The metadata keys that are read (gguf-py's constants.py, class Keys.Tokenizer).
private enum Key {
    static let model = "tokenizer.ggml.model"
    static let pre = "tokenizer.ggml.pre"
    static let tokens = "tokenizer.ggml.tokens"
    static let tokenTypes = "tokenizer.ggml.token_type"
    static let merges = "tokenizer.ggml.merges"
    static let beginning = "tokenizer.ggml.bos_token_id"
    static let end = "tokenizer.ggml.eos_token_id"
    static let endOfTurn = "tokenizer.ggml.eot_token_id"
    static let endOfMessage = "tokenizer.ggml.eom_token_id"
    static let addsBeginning = "tokenizer.ggml.add_bos_token"
    static let addsEnd = "tokenizer.ggml.add_eos_token"
}

extension TokenizerParts {
    fileprivate mutating func readSpecialIDs(
        _ node: DescriptionNode,
        _ family: PreTokenizerTable.Family
    ) throws(TokenizerError) {
        beginningOfSequenceID = try id(node, Key.beginning)
        endOfSequenceID = try id(node, Key.end)
        for key in [Key.end, Key.endOfTurn, Key.endOfMessage] {
            if let id = try id(node, key) { endOfGenerationIDs.append(id) }
        }
        if try node.flag(Key.addsBeginning, standard: family.addsBeginning) {
            guard let beginningOfSequenceID else {
                throw TokenizerError(.missing(expected: "the id that \(Key.addsBeginning) adds"), at: Key.beginning)
            }
            prefixIDs = [beginningOfSequenceID]
        }
        if try node.flag(Key.addsEnd, standard: false) {
            guard let endOfSequenceID else {
                throw TokenizerError(.missing(expected: "the id that \(Key.addsEnd) adds"), at: Key.end)
            }
            suffixIDs = [endOfSequenceID]
        }
    }

    private func id(_ node: DescriptionNode, _ key: String) throws(TokenizerError) -> UInt32? {
        guard let member = node.member(key) else { return nil }
        return try checked(try member.integer(), at: key)
    }
}

extension PreTokenizer {
    /// The patterns of a family, each isolating what it matches.
    fileprivate init(_ family: PreTokenizerTable.Family, at place: String) throws(TokenizerError) {
        for pattern in family.splits {
            let node = DescriptionNode(value: .null, path: place)
            steps.append(.split(try Self.compile(pattern, node), .isolated, isInverted: false))
        }
    }
}
