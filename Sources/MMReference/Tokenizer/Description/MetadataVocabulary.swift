import MMBytes

/// The tokens of a GGUF file's metadata with what the file says of each.
struct MetadataVocabulary {
    /// The values of llama.cpp's llama_token_type.
    enum Kind: Int {
        case normal = 1
        case unknown
        case control
        case userDefined
        case unused
        case byte
    }

    let vocabulary: Vocabulary
    let kinds: [Kind]
    let addedTokens: [AddedToken]

    init(_ metadata: DescriptionNode) throws(TokenizerError) {
        var tokens: [ByteString] = []
        for element in try metadata.required(MetadataKey.tokens, "the tokens").elements() {
            let token = try element.string()
            guard token.isValidUTF8 else { throw element.wrongType("valid UTF-8") }
            tokens.append(token)
        }
        vocabulary = try Vocabulary(tokens, at: MetadataKey.tokens)
        var kinds = [Kind](repeating: .normal, count: tokens.count)
        if let types = metadata.member(MetadataKey.tokenTypes) {
            let elements = try types.elements()
            guard elements.count == tokens.count else { throw types.wrongType("an array of \(tokens.count) types") }
            for (index, element) in elements.enumerated() {
                guard let kind = Kind(rawValue: try element.integer()) else {
                    throw element.wrongType("a token type from 1 to 6")
                }
                kinds[index] = kind
            }
        }
        self.kinds = kinds
        let stripping = try Self.stripsRight(metadata)
        var added: [AddedToken] = []
        for (index, kind) in kinds.enumerated() where !tokens[index].isEmpty {
            guard [.unknown, .control, .userDefined].contains(kind) else { continue }
            var token = AddedToken(id: UInt32(index), content: tokens[index], isSpecial: kind != .userDefined)
            token.stripsRight = stripping(tokens[index])
            added.append(token)
        }
        addedTokens = added
    }

    /// Which added tokens take the white space behind them along. GGUF does not say; llama.cpp knows Phi-3's by the
    /// model's name (llama-vocab.cpp).
    private static func stripsRight(_ metadata: DescriptionNode) throws(TokenizerError) -> (ByteString) -> Bool {
        let name = try metadata.member("general.name")?.string().string.lowercased() ?? ""
        guard name.contains("phi-3") || name.contains("phi3") else { return { _ in false } }
        return { !["<unk>", "<s>", "<|endoftext|>"].contains($0) }
    }

    /// The score of each token, as a piece of text; nil for tokens that text never makes.
    func scores(_ metadata: DescriptionNode) throws(TokenizerError) -> [Double?] {
        let node = try metadata.required(MetadataKey.scores, "a score for each token")
        let elements = try node.elements()
        guard elements.count == vocabulary.count else {
            throw node.wrongType("an array of \(vocabulary.count) scores")
        }
        var scores: [Double?] = []
        scores.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard let score = element.value.double, score.isFinite else { throw element.wrongType("a finite number") }
            scores.append([.normal, .userDefined, .unused].contains(kinds[index]) ? score : nil)
        }
        return scores
    }
}
