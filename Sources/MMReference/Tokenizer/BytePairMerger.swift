/// Merges the symbols of one word, lowest rank first and of equal ranks the leftmost first.
///
/// Short words by scanning for the lowest rank, long ones with a heap, so that a word of n symbols takes
/// O(n log n) steps. Keeps its memory from word to word.
struct BytePairMerger {
    /// The longest word that is merged by scanning.
    private static let scanLimit = 32

    private static let none = UInt32.max

    var symbols: [UInt32] = []
    /// For each symbol the rank of its pair with the next one, or `none`; a merged-away symbol has `none` for good.
    private var ranks: [UInt32] = []
    private var made: [UInt32] = []
    private var next: [Int] = []
    private var previous: [Int] = []
    private var heap = RankHeap()

    /// Merges `symbols` in place.
    mutating func merge(with table: MergeTable) {
        guard symbols.count > 1 else { return }
        if symbols.count <= Self.scanLimit {
            mergeByScanning(table)
        } else {
            mergeByHeap(table)
        }
    }

    private mutating func mergeByScanning(_ table: MergeTable) {
        ranks.removeAll(keepingCapacity: true)
        made.removeAll(keepingCapacity: true)
        for index in 0..<symbols.count - 1 {
            let merge = table.merge(of: symbols[index], symbols[index + 1])
            ranks.append(merge?.rank ?? Self.none)
            made.append(merge?.id ?? 0)
        }
        while true {
            var lowest = Self.none
            var place = 0
            for index in ranks.indices where ranks[index] < lowest {
                lowest = ranks[index]
                place = index
            }
            guard lowest != Self.none else { return }
            symbols[place] = made[place]
            symbols.remove(at: place + 1)
            ranks.remove(at: place)
            made.remove(at: place)
            if place > 0 { rescan(place - 1, table) }
            if place < ranks.count { rescan(place, table) }
        }
    }

    private mutating func rescan(_ index: Int, _ table: MergeTable) {
        let merge = table.merge(of: symbols[index], symbols[index + 1])
        ranks[index] = merge?.rank ?? Self.none
        made[index] = merge?.id ?? 0
    }

    private mutating func mergeByHeap(_ table: MergeTable) {
        let count = symbols.count
        next = Array(1...count)
        previous = Array(-1..<count - 1)
        ranks = [UInt32](repeating: Self.none, count: count)
        made = [UInt32](repeating: 0, count: count)
        heap.removeAll()
        for index in 0..<count - 1 { relink(index, table) }
        while let (rank, place) = heap.popLowest() {
            // An entry whose pair has changed since is stale: a pair that grows never has an old rank again.
            guard ranks[place] == rank else { continue }
            let gone = next[place]
            symbols[place] = made[place]
            ranks[gone] = Self.none
            next[place] = next[gone]
            if next[gone] < count { previous[next[gone]] = place }
            next[gone] = -1
            relink(place, table)
            if previous[place] >= 0 { relink(previous[place], table) }
        }
        var kept = 0
        var index = 0
        while index < count {
            symbols[kept] = symbols[index]
            kept += 1
            index = next[index]
        }
        symbols.removeSubrange(kept...)
    }

    /// Looks up the pair that begins at `index`.
    private mutating func relink(_ index: Int, _ table: MergeTable) {
        guard next[index] < symbols.count, let merge = table.merge(of: symbols[index], symbols[next[index]]) else {
            ranks[index] = Self.none
            return
        }
        ranks[index] = merge.rank
        made[index] = merge.id
        heap.insert(rank: merge.rank, place: index)
    }
}
