/// SentencePiece's byte-pair encoding, which has scores and no merges: of all neighbours that make a token together,
/// those of the highest score are joined first, and of equal ones the leftmost.
///
/// Source: sentencepiece, bpe_model.cc, and llama.cpp's llm_tokenizer_spm. A character without a token becomes the
/// tokens of its bytes, else the unknown token, one for several in a row.
struct ScoredPairModel: Sendable {
    /// Longest token in bytes that is looked for.
    static let tokenLimit = 1_024

    static let none = UInt32.max

    let vocabulary: Vocabulary
    let unknownID: UInt32?
    let cutter: WordCutter?
    private let byteTokens: ByteTokens
    /// For each id its place in the order of scores, the highest first; `none` for tokens that text never makes.
    private let ranks: [UInt32]
    private let longestCount: Int

    /// `scores` are finite, one a token; nil for tokens that text never makes: control, unknown and byte tokens.
    init(vocabulary: Vocabulary, scores: [Double?], unknownID: UInt32?) {
        self.vocabulary = vocabulary
        self.unknownID = unknownID
        cutter = WordCutter(vocabulary)
        byteTokens = ByteTokens(vocabulary)
        let order = Set(scores.compactMap { $0 }).sorted(by: >)
        let places = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, UInt32(truncatingIfNeeded: $0)) })
        ranks = scores.map { score in score.flatMap { places[$0] } ?? Self.none }
        longestCount = (0..<vocabulary.count).reduce(0) { max($0, vocabulary.tokens[$1].count) }
    }

    /// The token that is spelled `text`, and its rank.
    func token(_ text: Span<UInt8>) -> (id: UInt32, rank: UInt32)? {
        guard text.count <= longestCount, let id = vocabulary.id(of: text), ranks[Int(id)] != Self.none else {
            return nil
        }
        return (id, ranks[Int(id)])
    }

    struct Encoder: WordEncoder {
        let model: ScoredPairModel
        private var merger = ScoredPairMerger()

        init(_ model: ScoredPairModel) {
            self.model = model
        }

        mutating func append(_ word: Span<UInt8>, to ids: inout [UInt32]) {
            merger.merge(word, with: model)
            var followsUnknown = false
            merger.forEachSymbol { range, id in
                if let id {
                    ids.append(id)
                    followsUnknown = false
                } else if !model.byteTokens.append(word.extracting(range), to: &ids) {
                    if !followsUnknown, let unknownID = model.unknownID { ids.append(unknownID) }
                    followsUnknown = true
                } else {
                    followsUnknown = false
                }
            }
        }
    }
}
