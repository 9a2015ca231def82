import MMBytes

/// A unigram language model: of all ways to spell a word in pieces, the one with the highest sum of scores.
///
/// Source: Kudo, arXiv 1804.10959. Equal to the `Unigram` model of the `tokenizers` library: a character that is no
/// piece scores ten below the lowest piece; what is unknown in a row is one, and becomes the tokens of its bytes or the
/// unknown token.
struct UnigramModel: Sendable {
    /// Longest piece in bytes, which bounds the work at each place of a text.
    static let pieceLimit = 1_024

    private static let unknownPenalty = 10.0

    let vocabulary: Vocabulary
    let cutter: WordCutter?
    private let scores: [Double]
    private let trie: PieceTrie
    private let unknownID: UInt32
    private let unknownScore: Double
    private let byteTokens: ByteTokens?

    /// - Parameters:
    ///   - scores: finite logarithms of probabilities, one a token; nil for tokens that text never makes.
    ///   - lowestScore: of the pieces that count for the score of what is unknown.
    init(
        vocabulary: Vocabulary,
        scores: [Double?],
        lowestScore: Double,
        unknownID: UInt32,
        fallsBackToBytes: Bool
    ) {
        self.vocabulary = vocabulary
        self.unknownID = unknownID
        self.scores = scores.map { $0 ?? 0 }
        unknownScore = lowestScore - Self.unknownPenalty
        cutter = WordCutter(vocabulary)
        let pieces = scores.indices.filter { scores[$0] != nil }.map { UInt32(truncatingIfNeeded: $0) }
        trie = PieceTrie(vocabulary, pieces: pieces)
        byteTokens = fallsBackToBytes ? ByteTokens(vocabulary) : nil
    }

    struct Encoder: WordEncoder {
        private struct Node {
            var score = 0.0
            /// Where the last piece of the best way to here begins; -1 where there is no way.
            var start = -1
            var id: UInt32 = 0
        }

        let model: UnigramModel
        private var nodes: [Node] = []
        private var pieces: [(id: UInt32, range: Range<Int>)] = []

        init(_ model: UnigramModel) {
            self.model = model
        }

        mutating func append(_ word: Span<UInt8>, to ids: inout [UInt32]) {
            findBestWay(word)
            pieces.removeAll(keepingCapacity: true)
            var end = word.count
            while end > 0, nodes[end].start >= 0 {
                let (start, id) = (nodes[end].start, nodes[end].id)
                if id == model.unknownID, let last = pieces.last, last.id == id {
                    pieces[pieces.count - 1].range = start..<last.range.upperBound
                } else {
                    pieces.append((id, start..<end))
                }
                end = start
            }
            for (id, range) in pieces.reversed() {
                guard id == model.unknownID else {
                    ids.append(id)
                    continue
                }
                model.appendUnknown(word.extracting(range), to: &ids)
            }
        }

        private mutating func findBestWay(_ word: Span<UInt8>) {
            let model = model
            nodes.removeAll(keepingCapacity: true)
            nodes.append(contentsOf: repeatElement(Node(), count: word.count + 1))
            var position = 0
            while position < word.count {
                let next = word.positionAfterScalar(at: position)
                let score = nodes[position].score
                var hasCharacter = false
                model.trie.forEachPiece(in: word, at: position) { piece, end in
                    improve(end, Node(score: score + model.scores[Int(piece)], start: position, id: piece))
                    hasCharacter = hasCharacter || end == next
                }
                if !hasCharacter {
                    improve(next, Node(score: score + model.unknownScore, start: position, id: model.unknownID))
                }
                position = next
            }
        }

        private mutating func improve(_ place: Int, _ node: Node) {
            if nodes[place].start < 0 || node.score > nodes[place].score { nodes[place] = node }
        }
    }

    /// What was spelled like the unknown token is that token; other text falls back to its bytes.
    private func appendUnknown(_ text: Span<UInt8>, to ids: inout [UInt32]) {
        if let id = vocabulary.id(of: text) {
            ids.append(id)
        } else if byteTokens?.append(text, to: &ids) != true {
            ids.append(unknownID)
        }
    }
}
