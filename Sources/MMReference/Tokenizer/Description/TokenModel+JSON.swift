import MMBytes

/// Reads the `model` of a tokenizer.json.
extension TokenModel {
    init(_ node: DescriptionNode, _ vocabulary: Vocabulary, isByteLevel: Bool) throws(TokenizerError) {
        // Files from before version 0.9 of the library name no type.
        let type = try node.member("type")?.string() ?? "BPE"
        switch type {
        case "BPE": self = .bytePair(try BytePairModel(node, vocabulary: vocabulary, isByteLevel: isByteLevel))
        case "Unigram":
            if isByteLevel { throw node.unsupported(option: "a Unigram model of bytes") }
            self = .unigram(try UnigramModel(node, vocabulary: vocabulary))
        default: throw node.unsupported(type)
        }
    }
}

extension BytePairModel {
    fileprivate init(
        _ node: DescriptionNode,
        vocabulary: Vocabulary,
        isByteLevel: Bool
    ) throws(TokenizerError) {
        for option in ["continuing_subword_prefix", "end_of_word_suffix"] {
            if let text = try node.member(option)?.string(), !text.isEmpty {
                throw node.unsupported(option: "\(option) \"\(text)\"")
            }
        }
        var options = Options(isByteLevel: isByteLevel)
        options.fallsBackToBytes = try node.flag("byte_fallback", standard: false)
        if isByteLevel, options.fallsBackToBytes { throw node.unsupported(option: "byte_fallback with ByteLevel") }
        if let dropout = node.member("dropout"), dropout.value.double != 0 { throw node.unsupported(option: "dropout") }
        if let unknown = node.member("unk_token") {
            options.unknownID = vocabulary.id(of: try unknown.string())
            guard options.unknownID != nil else {
                throw TokenizerError(.unknownToken(try unknown.string()), at: unknown.path)
            }
        }
        options.ignoresMerges = try node.flag("ignore_merges", standard: false)
        options.fusesUnknown = try node.flag("fuse_unk", standard: false)
        guard node.member("vocab")?.value.members != nil else {
            throw TokenizerError(.wrongType(expected: "an object"), at: "\(node.path).vocab")
        }
        let merges = try node.required("merges", "pairs of tokens")
        var pairs: [(left: [UInt8], right: [UInt8])] = []
        for element in try merges.elements() { pairs.append(try Self.pair(element)) }
        self.init(
            vocabulary: vocabulary,
            merges: try MergeTable(pairs, vocabulary: vocabulary, at: merges.path),
            options: options
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

extension UnigramModel {
    fileprivate init(_ node: DescriptionNode, vocabulary: Vocabulary) throws(TokenizerError) {
        let list = try node.required("vocab", "pieces and their scores")
        var scores: [Double?] = []
        for element in try list.elements() {
            let pair = try element.elements()
            guard pair.count == 2, let score = pair[1].value.double, score.isFinite else {
                throw element.wrongType("a piece and its score")
            }
            scores.append(score)
        }
        let lowest = scores.compactMap { $0 }.min() ?? 0
        let unknown = try node.required("unk_id", "the id of what is unknown")
        let id = try unknown.integer()
        guard let unknownID = UInt32(exactly: id), id < scores.count else {
            throw TokenizerError(.idOutOfRange(id, count: scores.count), at: unknown.path)
        }
        try vocabulary.checkPieces(scores, limit: Self.pieceLimit, at: list.path)
        scores += Array(repeating: nil, count: max(0, vocabulary.count - scores.count))
        self.init(
            vocabulary: vocabulary,
            scores: scores,
            lowestScore: lowest,
            unknownID: unknownID,
            fallsBackToBytes: try node.flag("byte_fallback", standard: false)
        )
    }
}

extension Vocabulary {
    /// Throws `TokenizerError` for a piece with a score that is longer than `limit` bytes.
    func checkPieces(_ scores: [Double?], limit: Int, at place: String) throws(TokenizerError) {
        for (index, score) in scores.enumerated() where score != nil && tokens[index].count > limit {
            let token = ByteString(tokens[index])
            throw TokenizerError(.tokenLength(token, allowed: limit), at: "\(place)[\(index)]")
        }
    }
}
