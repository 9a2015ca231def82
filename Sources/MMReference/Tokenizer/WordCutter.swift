/// Cuts text that comes to the model whole into words that it may encode one by one.
///
/// A SentencePiece model gets its text in one piece, with U+2581 for spaces. Where no token of the vocabulary holds a
/// U+2581 behind a certain byte, no token lies across such a place, and the ids of the text are those of its parts.
struct WordCutter: Sendable {
    /// By the byte before a U+2581: whether some token holds the two.
    private var joins = [Bool](repeating: false, count: 256)

    /// nil where U+2581 is no token, or where nothing is gained.
    init?(_ vocabulary: Vocabulary) {
        let space = PieceSpacing.space
        guard vocabulary.id(of: space.span) != nil else { return nil }
        for index in 0..<vocabulary.count {
            let token = Array(vocabulary.tokens[index])
            for place in token.indices.dropFirst() where token[place] == space[0] && Self.isSpace(token.span, place) {
                joins[Int(token[place - 1])] = true
            }
        }
        // A token of a byte or of what is unknown, spelled <0x00> or <unk>, may be part of a merge.
        if joins[0x3E] { return nil }
    }

    /// The end of the word that begins at `start`, at most `limit`.
    func end(ofWordAt start: Int, in bytes: Span<UInt8>, before limit: Int) -> Int {
        var position = start + 1
        while position < limit {
            if bytes[position] == PieceSpacing.space[0], !joins[Int(bytes[position - 1])],
                Self.isSpace(bytes, position)
            {
                return position
            }
            position += 1
        }
        return limit
    }

    private static func isSpace(_ bytes: Span<UInt8>, _ position: Int) -> Bool {
        position + 2 < bytes.count && bytes[position] == 0xE2 && bytes[position + 1] == 0x96
            && bytes[position + 2] == 0x81
    }
}
