import MMBytes

extension MergeTable {
    /// Looks up each merge of two token texts, in order of rank.
    ///
    /// Throws `TokenizerError` when a part or what it makes is not in the vocabulary, and for a merge listed twice.
    init(
        _ merges: some Collection<(left: [UInt8], right: [UInt8])>,
        vocabulary: Vocabulary,
        at place: String
    ) throws(TokenizerError) {
        let limit = 4 * Vocabulary.tokenLimit
        guard merges.count <= limit else {
            throw TokenizerError(.tooMany("merges", count: merges.count, allowed: limit), at: place)
        }
        self.init(capacity: merges.count)
        for (rank, merge) in merges.enumerated() {
            let text = ByteString(merge.left + [0x20] + merge.right)
            func id(_ piece: [UInt8]) throws(TokenizerError) -> UInt32 {
                guard let id = vocabulary.id(of: piece.span) else {
                    let reason = TokenizerError.Reason.mergeOutsideVocabulary(merge: text, piece: ByteString(piece))
                    throw TokenizerError(reason, at: "\(place)[\(rank)]")
                }
                return id
            }
            let left = try id(merge.left)
            let right = try id(merge.right)
            let joined = try id(merge.left + merge.right)
            guard insert(left, right, rank: UInt32(rank), id: joined) else {
                throw TokenizerError(.duplicateMerge(text), at: "\(place)[\(rank)]")
            }
        }
    }

    /// The two texts of `"a b"`: everything before and behind its one space.
    static func parts(of merge: ByteString, at place: String) throws(TokenizerError) -> (left: [UInt8], right: [UInt8])
    {
        let parts = merge.bytes.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw TokenizerError(.malformedMerge(merge), at: place)
        }
        return (Array(parts[0]), Array(parts[1]))
    }
}
