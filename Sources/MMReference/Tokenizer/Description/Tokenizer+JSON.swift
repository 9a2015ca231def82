package import MMBytes

extension Tokenizer {
    /// Reads a tokenizer.json of the `tokenizers` library: byte-level byte-pair encoding.
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
        if let normalizer = root.member("normalizer") { try Self.checkNormalizer(normalizer) }
        try Self.checkDecoder(try root.required("decoder", "a ByteLevel decoder"))
        let model = try root.required("model", "the model")
        let (vocabulary, addedTokens) = try Self.vocabulary(model, root.member("added_tokens"))
        let template = try SpecialTokenTemplate(root.member("post_processor"), tokenCount: vocabulary.count)
        var parts = TokenizerParts(
            vocabulary: vocabulary,
            addedTokens: addedTokens,
            preTokenizer: try PreTokenizer(try root.required("pre_tokenizer", "a pre-tokenizer")),
            model: try BytePairModel(model, vocabulary: vocabulary)
        )
        parts.prefixIDs = template.prefixIDs
        parts.suffixIDs = template.suffixIDs
        try parts.readConfiguration(tokenizerConfiguration)
        try parts.readGeneration(generationConfiguration)
        try parts.addKnownEnds()
        try self.init(parts)
    }

    private static func checkNormalizer(_ node: DescriptionNode) throws(TokenizerError) {
        let type = try node.type()
        guard type == "Sequence" else { throw node.unsupported(type) }
        for part in try node.required("normalizers", "the parts of a Sequence").elements() { try checkNormalizer(part) }
    }

    private static func checkDecoder(_ node: DescriptionNode) throws(TokenizerError) {
        let type = try node.type()
        if type == "ByteLevel" { return }
        guard type == "Sequence" else { throw node.unsupported(type) }
        let parts = try node.required("decoders", "the parts of a Sequence").elements()
        guard parts.count == 1 else { throw node.unsupported(option: "a Sequence of \(parts.count) decoders") }
        try checkDecoder(parts[0])
    }

    /// The tokens of the model and the added ones, by id.
    private static func vocabulary(
        _ model: DescriptionNode,
        _ added: DescriptionNode?
    ) throws(TokenizerError) -> (Vocabulary, [AddedToken]) {
        let node = try model.required("vocab", "tokens and their ids")
        guard let members = node.value.members else { throw node.wrongType("an object") }
        var tokens = NumberedTokens()
        for member in members {
            guard let id = member.value.integer else {
                throw TokenizerError(.wrongType(expected: "an integer"), at: "\(node.path).\(member.name)")
            }
            try tokens.insert(member.name, id: id, at: node.path)
        }
        let listed = Vocabulary.index(members)
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
}

extension Vocabulary {
    /// The ids by token; the members' ids have been checked.
    fileprivate static func index(_ members: [JSONMember]) -> [ByteString: UInt32] {
        var result: [ByteString: UInt32] = [:]
        result.reserveCapacity(members.count)
        for member in members {
            if let id = member.value.integer.flatMap(UInt32.init(exactly:)) { result[member.name] = id }
        }
        return result
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

extension BytePairModel {
    /// The `model` of a tokenizer.json.
    fileprivate init(_ node: DescriptionNode, vocabulary: Vocabulary) throws(TokenizerError) {
        // Files from before version 0.9 of the library name no type.
        let type = try node.member("type")?.string() ?? "BPE"
        guard type == "BPE" else { throw node.unsupported(type) }
        for option in ["continuing_subword_prefix", "end_of_word_suffix"] {
            if let text = try node.member(option)?.string(), !text.isEmpty {
                throw node.unsupported(option: "\(option) \"\(text)\"")
            }
        }
        if try node.flag("byte_fallback", standard: false) { throw node.unsupported(option: "byte_fallback") }
        if let dropout = node.member("dropout"), dropout.value.double != 0 { throw node.unsupported(option: "dropout") }
        var unknownID: UInt32?
        if let unknown = node.member("unk_token") {
            unknownID = vocabulary.id(of: try unknown.string())
            guard unknownID != nil else { throw TokenizerError(.unknownToken(try unknown.string()), at: unknown.path) }
        }
        let merges = try node.required("merges", "pairs of tokens")
        var pairs: [(left: [UInt8], right: [UInt8])] = []
        for element in try merges.elements() { pairs.append(try Self.pair(element)) }
        self.init(
            vocabulary: vocabulary,
            merges: try MergeTable(pairs, vocabulary: vocabulary, at: merges.path),
            ignoresMerges: try node.flag("ignore_merges", standard: false),
            unknownID: unknownID,
            fusesUnknown: try node.flag("fuse_unk", standard: false)
        )
    }

    /// `"a b"` or `["a", "b"]`.
    private static func pair(_ node: DescriptionNode) throws(TokenizerError) -> (left: [UInt8], right: [UInt8]) {
        if let text = node.value.string { return try MergeTable.parts(of: text, at: node.path) }
        let parts = try node.elements()
        guard parts.count == 2 else { throw node.wrongType("a pair of tokens") }
        return (try parts[0].string().bytes, try parts[1].string().bytes)
    }
}
