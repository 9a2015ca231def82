/// Joins the characters of one word for a `ScoredPairModel`, with a heap: a word of n characters takes O(n log n)
/// steps. Keeps its memory from word to word.
struct ScoredPairMerger {
    private struct Symbol {
        var start: Int
        var end: Int
        /// The indices of the neighbours; the count, or -1, where there is none.
        var next: Int
        var previous: Int
        /// nil for a character that is no token.
        var id: UInt32?
        /// What the symbol and the next one make, and its rank; `none` where they make nothing, and for a symbol that
        /// has been joined to the one before it.
        var madeID: UInt32 = 0
        var rank = ScoredPairModel.none
    }

    private var symbols: [Symbol] = []
    private var heap = RankHeap()

    mutating func merge(_ word: Span<UInt8>, with model: ScoredPairModel) {
        symbols.removeAll(keepingCapacity: true)
        heap.removeAll()
        var position = 0
        while position < word.count {
            let end = word.positionAfterScalar(at: position)
            let id = model.token(word.extracting(position..<end))?.id
            symbols.append(
                Symbol(start: position, end: end, next: symbols.count + 1, previous: symbols.count - 1, id: id)
            )
            position = end
        }
        for index in symbols.indices { relink(index, word, model) }
        while let (rank, place) = heap.popLowest() {
            // An entry whose pair has changed since is stale, unless what it makes now has that very rank.
            guard symbols[place].rank == rank else { continue }
            let gone = symbols[place].next
            symbols[place].id = symbols[place].madeID
            symbols[place].end = symbols[gone].end
            symbols[place].next = symbols[gone].next
            symbols[gone].rank = ScoredPairModel.none
            if symbols[gone].next < symbols.count { symbols[symbols[gone].next].previous = place }
            relink(place, word, model)
            if symbols[place].previous >= 0 { relink(symbols[place].previous, word, model) }
        }
    }

    /// Looks up what the symbol makes with the next one.
    private mutating func relink(_ index: Int, _ word: Span<UInt8>, _ model: ScoredPairModel) {
        symbols[index].rank = ScoredPairModel.none
        let next = symbols[index].next
        guard next < symbols.count else { return }
        guard let made = model.token(word.extracting(symbols[index].start..<symbols[next].end)) else { return }
        symbols[index].rank = made.rank
        symbols[index].madeID = made.id
        heap.insert(rank: made.rank, place: index)
    }

    /// Shows what is left, in order: where it lies in the word, and its token.
    func forEachSymbol(_ body: (Range<Int>, UInt32?) -> Void) {
        var index = 0
        while index < symbols.count {
            body(symbols[index].start..<symbols[index].end, symbols[index].id)
            index = symbols[index].next
        }
    }
}
