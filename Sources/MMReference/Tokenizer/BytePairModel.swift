import MMBytes

/// Byte-level byte-pair encoding: the bytes of a word are its first symbols, and merges join them by rank.
///
/// Source: Sennrich et al., arXiv 1508.07909, over bytes as in GPT-2. Equal to the `BPE` model of the `tokenizers`
/// library: a byte that the vocabulary does not spell becomes the unknown token, or vanishes where there is none.
struct BytePairModel: Sendable {
    /// Longer words are not remembered.
    private static let cachedWordLimit = 64

    private static let missing = UInt32.max

    let vocabulary: Vocabulary
    let merges: MergeTable
    /// Takes a word that is one token as that token, whatever the merges say.
    let ignoresMerges: Bool
    let unknownID: UInt32?
    /// Makes one unknown token of several in a row.
    let fusesUnknown: Bool
    /// The id of each byte, or `missing`.
    private let byteSymbols: [UInt32]

    init(
        vocabulary: Vocabulary,
        merges: MergeTable,
        ignoresMerges: Bool,
        unknownID: UInt32?,
        fusesUnknown: Bool
    ) {
        self.vocabulary = vocabulary
        self.merges = merges
        self.ignoresMerges = ignoresMerges
        self.unknownID = unknownID
        self.fusesUnknown = fusesUnknown
        byteSymbols = (UInt8.min...UInt8.max).map { byte in
            var spelling: [UInt8] = []
            ByteAlphabet.append([byte].span, to: &spelling)
            return vocabulary.id(of: spelling.span) ?? Self.missing
        }
    }

    /// Appends the ids of each word of `text`. A word with a token is that token.
    func appendIDs(of text: SegmentedText, to ids: inout [UInt32]) {
        let bytes = text.bytes.span
        var cache = WordCache(byteCount: bytes.count)
        var merger = BytePairMerger()
        for segment in text.segments {
            if let token = segment.token {
                ids.append(token)
                continue
            }
            let word = bytes.extracting(segment.range)
            guard word.count <= Self.cachedWordLimit else {
                append(word, to: &ids, merger: &merger)
                continue
            }
            let slot = cache.slot(of: word)
            if let known = cache.entry(slot, word: word, in: bytes) {
                for index in known { ids.append(ids[index]) }
                continue
            }
            let start = ids.count
            append(word, to: &ids, merger: &merger)
            cache.remember(slot, word: segment.range, ids: start..<ids.count)
        }
    }

    private func append(_ word: Span<UInt8>, to ids: inout [UInt32], merger: inout BytePairMerger) {
        if ignoresMerges {
            var spelling: [UInt8] = []
            ByteAlphabet.append(word, to: &spelling)
            if let id = vocabulary.id(of: spelling.span) {
                ids.append(id)
                return
            }
        }
        merger.symbols.removeAll(keepingCapacity: true)
        var followsUnknown = false
        for index in word.indices {
            let symbol = byteSymbols[Int(word[index])]
            if symbol != Self.missing {
                merger.symbols.append(symbol)
            } else if let unknownID, !(followsUnknown && fusesUnknown) {
                merger.symbols.append(unknownID)
            }
            followsUnknown = symbol == Self.missing
        }
        merger.merge(with: merges)
        ids += merger.symbols
    }
}
