/// What makes ids of words.
enum TokenModel: Sendable {
    case bytePair(BytePairModel)
    case scoredPair(ScoredPairModel)
    case unigram(UnigramModel)

    /// Appends the ids of each word of `text`. A word with a token is that token.
    func appendIDs(of text: SegmentedText, to ids: inout [UInt32]) {
        switch self {
        case .bytePair(let model):
            var encoder = BytePairModel.Encoder(model)
            encoder.appendIDs(of: text, cutter: model.cutter, to: &ids)
        case .scoredPair(let model):
            var encoder = ScoredPairModel.Encoder(model)
            encoder.appendIDs(of: text, cutter: model.cutter, to: &ids)
        case .unigram(let model):
            var encoder = UnigramModel.Encoder(model)
            encoder.appendIDs(of: text, cutter: model.cutter, to: &ids)
        }
    }
}
