package import MMBytes

extension Tokenizer {
    /// Reads the tokenizer from a GGUF file's metadata, given as an object of its keys and values.
    ///
    /// `tokenizer.ggml.model` is "gpt2" (byte-pair encoding of bytes: `.pre`, `.tokens`, `.merges`), "llama"
    /// (SentencePiece's byte-pair encoding: `.tokens`, `.scores`) or "t5" (a unigram model: `.tokens`, `.scores`,
    /// `.precompiled_charsmap`).
    ///
    /// - Throws: `TokenizerError` that names the key and what is wrong with its value; for a `.pre` that is not in the
    ///   table, the names that are.
    package init(metadata: JSONValue) throws(TokenizerError) {
        try self.init(try TokenizerParts(metadata: DescriptionNode(value: metadata, path: "")))
    }
}

extension TokenizerParts {
    /// What llama.cpp assumes of ids and flags that a file leaves out.
    private struct Standards {
        var beginning: Int?
        var end: Int?
        var addsBeginning = false
        var addsEnd = false
    }

    init(metadata node: DescriptionNode) throws(TokenizerError) {
        let model = try node.required(MetadataKey.model, "the tokenizer's kind")
        switch try model.string() {
        case "gpt2": try self.init(bytePairs: node)
        case "llama": try self.init(scoredPairs: node)
        case "t5": try self.init(unigram: node)
        case let other:
            throw TokenizerError(.unknownModel(other, known: ["gpt2", "llama", "t5"]), at: MetadataKey.model)
        }
        try addKnownEnds()
    }

    private init(bytePairs node: DescriptionNode) throws(TokenizerError) {
        let pre = try node.required(MetadataKey.pre, "the name of a split pattern")
        let family = try PreTokenizerTable.embedded().family(named: try pre.string(), at: MetadataKey.pre)
        let listed = try MetadataVocabulary(node)
        var pairs: [(left: [UInt8], right: [UInt8])] = []
        for element in try node.required(MetadataKey.merges, "the merges").elements() {
            pairs.append(try MergeTable.parts(of: try element.string(), at: element.path))
        }
        let model = BytePairModel(
            vocabulary: listed.vocabulary,
            merges: try MergeTable(pairs, vocabulary: listed.vocabulary, at: MetadataKey.merges),
            options: .init(ignoresMerges: family.ignoresMerges, isByteLevel: true)
        )
        self.init(
            vocabulary: listed.vocabulary,
            addedTokens: listed.addedTokens,
            preTokenizer: try PreTokenizer(family, at: MetadataKey.pre),
            model: .bytePair(model),
            decoder: TokenDecoder(isByteLevel: true)
        )
        try readSpecialIDs(node, Standards(addsBeginning: family.addsBeginning))
    }

    /// Text gets U+2581 for spaces and, where the file says so or nothing, one before each piece between added tokens.
    private init(scoredPairs node: DescriptionNode) throws(TokenizerError) {
        let listed = try MetadataVocabulary(node)
        let scores = try listed.scores(node)
        try listed.vocabulary.checkPieces(scores, limit: ScoredPairModel.tokenLimit, at: MetadataKey.tokens)
        let addsPrefix = try node.flag(MetadataKey.addsSpacePrefix, standard: true)
        let unknown = try Self.id(node, MetadataKey.unknown, standard: 0, count: listed.vocabulary.count)
        var normalizer = Normalizer()
        if addsPrefix { normalizer.steps.append(.prepend([0x20])) }
        let space = try SplitPattern(" ", at: MetadataKey.model)
        normalizer.steps.append(.replace(space, with: PieceSpacing.space))
        self.init(
            vocabulary: listed.vocabulary,
            addedTokens: listed.addedTokens,
            normalizer: normalizer,
            preTokenizer: PreTokenizer(),
            model: .scoredPair(
                ScoredPairModel(vocabulary: listed.vocabulary, scores: scores, unknownID: unknown)
            ),
            decoder: Self.pieceDecoder(stripsPrefix: addsPrefix)
        )
        try readSpecialIDs(node, Standards(beginning: 1, end: 2, addsBeginning: true))
    }

    private init(unigram node: DescriptionNode) throws(TokenizerError) {
        let listed = try MetadataVocabulary(node)
        var scores = try listed.scores(node)
        try listed.vocabulary.checkPieces(scores, limit: UnigramModel.pieceLimit, at: MetadataKey.tokens)
        let lowest = scores.indices.compactMap { listed.kinds[$0] == .normal ? scores[$0] : nil }.min() ?? 0
        for index in scores.indices where listed.kinds[index] == .userDefined { scores[index] = 0 }
        let addsPrefix = try node.flag(MetadataKey.addsSpacePrefix, standard: false)
        let spacing = PieceSpacing(
            map: try Self.characterMap(node),
            prefixesSpace: addsPrefix,
            mergesSpaces: try node.flag(MetadataKey.mergesSpaces, standard: false)
        )
        guard let unknown = try Self.id(node, MetadataKey.unknown, standard: 2, count: scores.count) else {
            throw TokenizerError(.missing(expected: "the id of what is unknown"), at: MetadataKey.unknown)
        }
        self.init(
            vocabulary: listed.vocabulary,
            addedTokens: listed.addedTokens,
            normalizer: Normalizer(steps: [.spacing(spacing)]),
            preTokenizer: PreTokenizer(),
            model: .unigram(
                UnigramModel(
                    vocabulary: listed.vocabulary,
                    scores: scores,
                    lowestScore: lowest,
                    unknownID: unknown,
                    fallsBackToBytes: listed.kinds.contains(.byte)
                )
            ),
            decoder: Self.pieceDecoder(stripsPrefix: addsPrefix)
        )
        try readSpecialIDs(node, Standards(end: 1, addsEnd: true))
    }

    private static func pieceDecoder(stripsPrefix: Bool) -> TokenDecoder {
        var decoder = TokenDecoder(steps: [.replace(PieceSpacing.space, with: [0x20]), .byteFallback])
        if stripsPrefix {
            decoder.strippedStart = [0x20]
            decoder.strippedStartCount = 1
        }
        return decoder
    }

    private static func characterMap(_ node: DescriptionNode) throws(TokenizerError) -> CharacterMap {
        var bytes: [UInt8] = []
        let member = node.member(MetadataKey.characterMap)
        for element in try member?.elements() ?? [] {
            // Some files state the bytes as signed ones.
            let value = try element.integer()
            guard (-128...255).contains(value) else { throw element.wrongType("a byte") }
            bytes.append(UInt8(truncatingIfNeeded: value))
        }
        guard let map = CharacterMap(bytes) else {
            throw TokenizerError(.wrongType(expected: "a character map"), at: MetadataKey.characterMap)
        }
        return map
    }

    private mutating func readSpecialIDs(_ node: DescriptionNode, _ standards: Standards) throws(TokenizerError) {
        let count = vocabulary.count
        beginningOfSequenceID = try Self.id(node, MetadataKey.beginning, standard: standards.beginning, count: count)
        endOfSequenceID = try Self.id(node, MetadataKey.end, standard: standards.end, count: count)
        if let endOfSequenceID { endOfGenerationIDs.append(endOfSequenceID) }
        for key in [MetadataKey.endOfTurn, MetadataKey.endOfMessage] {
            if let id = try Self.id(node, key, standard: nil, count: count) { endOfGenerationIDs.append(id) }
        }
        if try node.flag(MetadataKey.addsBeginning, standard: standards.addsBeginning) {
            guard let beginningOfSequenceID else {
                let reason = TokenizerError.Reason.missing(expected: "the id that \(MetadataKey.addsBeginning) adds")
                throw TokenizerError(reason, at: MetadataKey.beginning)
            }
            prefixIDs = [beginningOfSequenceID]
        }
        if try node.flag(MetadataKey.addsEnd, standard: standards.addsEnd) {
            guard let endOfSequenceID else {
                let reason = TokenizerError.Reason.missing(expected: "the id that \(MetadataKey.addsEnd) adds")
                throw TokenizerError(reason, at: MetadataKey.end)
            }
            suffixIDs = [endOfSequenceID]
        }
    }

    /// The id that a key states, inside the vocabulary; the standard one, where there is one, if the key is missing.
    static func id(
        _ node: DescriptionNode,
        _ key: String,
        standard: Int?,
        count: Int
    ) throws(TokenizerError) -> UInt32? {
        guard let member = node.member(key) else {
            return standard.flatMap { $0 < count ? UInt32(exactly: $0) : nil }
        }
        let id = try member.integer()
        guard let checked = UInt32(exactly: id), id < count else {
            throw TokenizerError(.idOutOfRange(id, count: count), at: key)
        }
        return checked
    }
}

extension PreTokenizer {
    /// The patterns of a family, each isolating what it matches.
    fileprivate init(_ family: PreTokenizerTable.Family, at place: String) throws(TokenizerError) {
        for pattern in family.splits {
            steps.append(.split(try SplitPattern(pattern, at: place), .isolated, isInverted: false))
        }
        isByteLevel = true
    }
}
