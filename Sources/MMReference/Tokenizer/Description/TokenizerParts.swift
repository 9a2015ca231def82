import MMBytes

/// What a tokenizer is built from, whichever description it was read from.
struct TokenizerParts {
    var vocabulary: Vocabulary
    var addedTokens: [AddedToken]
    var normalizer = Normalizer()
    var preTokenizer: PreTokenizer
    var model: TokenModel
    var decoder: TokenDecoder
    var prefixIDs: [UInt32] = []
    var suffixIDs: [UInt32] = []
    var beginningOfSequenceID: UInt32?
    var endOfSequenceID: UInt32?
    var endOfGenerationIDs: [UInt32] = []

    /// The id of a token, added or not.
    func id(of token: ByteString) -> UInt32? {
        addedTokens.first { $0.content == token }?.id ?? vocabulary.id(of: token)
    }

    /// Takes `bos_token` and `eos_token` of a tokenizer_config.json: a string, or an object with its content.
    mutating func readConfiguration(_ configuration: JSONValue?) throws(TokenizerError) {
        guard let configuration else { return }
        let node = DescriptionNode(value: configuration, path: "tokenizer_config.json")
        beginningOfSequenceID = try id(named: node.member("bos_token"))
        endOfSequenceID = try id(named: node.member("eos_token"))
        if let endOfSequenceID { endOfGenerationIDs.append(endOfSequenceID) }
    }

    private func id(named node: DescriptionNode?) throws(TokenizerError) -> UInt32? {
        guard let node else { return nil }
        let token = try (node.member("content") ?? node).string()
        guard let id = id(of: token) else { throw TokenizerError(.unknownToken(token), at: node.path) }
        return id
    }

    /// Takes `bos_token_id` and `eos_token_id`, an id or a list of ids.
    ///
    /// An id outside the vocabulary is passed over: a model padded above its tokenizer may name one.
    mutating func readGeneration(_ configuration: JSONValue?) throws(TokenizerError) {
        guard let configuration else { return }
        let node = DescriptionNode(value: configuration, path: "generation_config.json")
        let ends = node.member("eos_token_id")
        let listed = ends?.value.elements ?? (ends.map { [$0.value] } ?? [])
        for element in listed {
            guard let id = element.integer else { throw node.wrongType("an id or a list of ids") }
            if let id = UInt32(exactly: id), id < vocabulary.count { endOfGenerationIDs.append(id) }
        }
        if endOfSequenceID == nil { endOfSequenceID = endOfGenerationIDs.first }
        if beginningOfSequenceID == nil, let id = node.member("bos_token_id")?.value.integer {
            beginningOfSequenceID = UInt32(exactly: id).flatMap { $0 < vocabulary.count ? $0 : nil }
        }
    }

    /// Adds the added tokens that are known to end generation by their text.
    mutating func addKnownEnds() throws(TokenizerError) {
        endOfGenerationIDs += try PreTokenizerTable.embedded().endOfGenerationIDs(of: addedTokens)
    }
}
