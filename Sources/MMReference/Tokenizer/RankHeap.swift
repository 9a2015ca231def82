/// A binary heap of places, by rank and, of equal ranks, by place. Places are below 2^32.
struct RankHeap {
    /// The rank in the upper half, the place in the lower: their order is the order of the integers.
    private var entries: [UInt64] = []

    mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
    }

    mutating func insert(rank: UInt32, place: Int) {
        var index = entries.count
        let entry = UInt64(rank) << 32 | UInt64(UInt32(truncatingIfNeeded: place))
        entries.append(entry)
        while index > 0, entry < entries[(index - 1) / 2] {
            entries[index] = entries[(index - 1) / 2]
            index = (index - 1) / 2
        }
        entries[index] = entry
    }

    mutating func popLowest() -> (rank: UInt32, place: Int)? {
        guard let lowest = entries.first, let last = entries.popLast() else { return nil }
        if !entries.isEmpty { sink(last) }
        return (UInt32(lowest >> 32), Int(UInt32(truncatingIfNeeded: lowest)))
    }

    /// Puts `entry` in the place of the lowest one.
    private mutating func sink(_ entry: UInt64) {
        var index = 0
        while true {
            var child = 2 * index + 1
            guard child < entries.count else { break }
            if child + 1 < entries.count, entries[child + 1] < entries[child] { child += 1 }
            guard entries[child] < entry else { break }
            entries[index] = entries[child]
            index = child
        }
        entries[index] = entry
    }
}
