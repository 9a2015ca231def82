internal import MMArchitectures
internal import MMReference

/// What models are run on: ids of text, and among them places for the tokens of pictures.
struct EvaluationTokens {
    private(set) var ids: [UInt32]
    /// Where the ids come from, for the report.
    private(set) var origin: String
    private(set) var placeholder: UInt32?
    /// Positions that see each other, of a model whose prefix does.
    private(set) var prefixCount = 0

    /// Text of a prefix behind the last picture.
    private static let prefixTextCount = 8

    init(ids: [UInt32], origin: String) {
        self.ids = ids
        self.origin = origin
    }

    /// With places for pictures, spread over the text behind the first token, which begins it; before all text where
    /// the model's prefix sees itself.
    ///
    /// - Parameter counts: of each picture, its tokens.
    func with(
        pictures counts: [Int],
        of supply: PictureSupply?,
        _ fusion: FusionConfiguration?
    ) -> EvaluationTokens {
        guard let supply, let fusion, !counts.isEmpty else { return self }
        let id = UInt32(clamping: fusion.placeholderID)
        // Text that has the placeholder itself would be taken for a picture.
        let text = ids.map { $0 == id ? 0 : $0 }
        var result = EvaluationTokens(ids: [], origin: "\(origin) with \(supply.words(counts.count))")
        result.placeholder = id
        var taken = 0
        for (index, count) in counts.enumerated() {
            let start = fusion.mask == .prefix ? 0 : 1 + index * max(text.count - 1, 0) / counts.count
            let end = min(max(start, taken), text.count)
            result.ids += text[taken..<end]
            result.ids += Array(repeating: id, count: count)
            taken = end
        }
        result.prefixCount = result.ids.count + min(Self.prefixTextCount, text.count / 2)
        result.ids += text[taken...]
        return result
    }
}
