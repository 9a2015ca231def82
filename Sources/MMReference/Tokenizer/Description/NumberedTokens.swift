import MMBytes

/// Tokens that come with their ids, in any order, on their way into a vocabulary.
struct NumberedTokens {
    private var tokens: [(id: UInt32, text: ByteString)] = []

    mutating func insert(_ token: ByteString, id: Int, at place: String) throws(TokenizerError) {
        guard let checked = UInt32(exactly: id), id < Vocabulary.tokenLimit else {
            throw TokenizerError(.idOutOfRange(id, count: Vocabulary.tokenLimit), at: place)
        }
        tokens.append((checked, token))
    }

    /// The tokens in the order of their ids, which have neither a hole nor two tokens.
    func contiguous(at place: String) throws(TokenizerError) -> [ByteString] {
        let sorted = tokens.sorted { $0.id != $1.id ? $0.id < $1.id : $0.text < $1.text }
        for (index, token) in sorted.enumerated() where token.id != index {
            guard index > 0, token.id == sorted[index - 1].id else {
                throw TokenizerError(.missingID(index), at: place)
            }
            let reason = TokenizerError.Reason.duplicateID(token.id, first: sorted[index - 1].text, second: token.text)
            throw TokenizerError(reason, at: place)
        }
        return sorted.map(\.text)
    }
}
