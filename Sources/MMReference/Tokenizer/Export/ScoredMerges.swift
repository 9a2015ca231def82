import MMBytes

/// The merges of a vocabulary that has scores instead: of every token, all the ways to put it together of two others.
///
/// Tokens of a higher score come first; of one token the ways with the longest first part. Source: transformers,
/// tokenization_utils_sentencepiece.py, which makes them of a tokenizer.model.
struct ScoredMerges {
    let vocabulary: Vocabulary
    /// One a token; nil for tokens that text never makes.
    let scores: [Double?]

    /// Gemma 3's vocabulary of 262,144 tokens has half a million.
    static let countLimit = 1 << 23
    static let byteLimit = 1 << 30

    /// Appends the elements of a JSON array of pairs. Throws `TokenizerError` for more than the limits.
    func write(into text: inout [UInt8]) throws(TokenizerError) {
        let start = text.count
        var count = 0
        let order = scores.indices.filter { scores[$0] != nil }.sorted { left, right in
            let (first, second) = (scores[left] ?? 0, scores[right] ?? 0)
            return first == second ? left < right : first > second
        }
        for index in order {
            let token = Array(vocabulary.tokens[index])
            for split in Self.places(in: token).reversed() {
                let (left, right) = (token[..<split], token[split...])
                guard isPart(left), isPart(right) else { continue }
                if count > 0 { text.append(UInt8(ascii: ",")) }
                JSONValue.array([.string(ByteString(left)), .string(ByteString(right))])
                    .write(into: &text, layout: .compact)
                count += 1
            }
            guard count <= Self.countLimit, text.count - start <= Self.byteLimit else {
                let reason = TokenizerError.Reason.tooMany("merges", count: count, allowed: Self.countLimit)
                throw TokenizerError(reason, at: MetadataKey.tokens)
            }
        }
    }

    /// Where a token can be cut: before every character but the first.
    private static func places(in token: [UInt8]) -> [Int] {
        token.indices.dropFirst().filter { token[$0] & 0xC0 != 0x80 }
    }

    private func isPart(_ text: ArraySlice<UInt8>) -> Bool {
        guard let id = vocabulary.id(of: ByteString(text)) else { return false }
        return scores[Int(id)] != nil
    }
}
