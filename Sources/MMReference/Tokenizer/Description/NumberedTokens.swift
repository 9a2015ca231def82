import MMBytes

/// Tokens that come with their ids, in any order, on their way into a vocabulary.
struct NumberedTokens {
    private var tokens: [ByteString?] = []
    private(set) var count = 0

    mutating func insert(_ token: ByteString, id: Int, at place: String) throws(TokenizerError) {
        guard let index = UInt32(exactly: id), id < Vocabulary.tokenLimit else {
            throw TokenizerError(.idOutOfRange(id, count: Vocabulary.tokenLimit), at: place)
        }
        if id >= tokens.count {
            tokens.append(contentsOf: repeatElement(nil, count: id + 1 - tokens.count))
        }
        if let other = tokens[id] {
            throw TokenizerError(.duplicateID(index, first: other, second: token), at: place)
        }
        tokens[id] = token
        count += 1
    }

    subscript(id: Int) -> ByteString? { tokens.indices.contains(id) ? tokens[id] : nil }

    /// The tokens in the order of their ids, which leave no hole.
    func contiguous(at place: String) throws(TokenizerError) -> [ByteString] {
        var result: [ByteString] = []
        result.reserveCapacity(tokens.count)
        for (id, token) in tokens.enumerated() {
            guard let token else { throw TokenizerError(.missingID(id), at: place) }
            result.append(token)
        }
        return result
    }
}
