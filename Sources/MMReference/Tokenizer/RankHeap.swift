/// A binary heap of places, by rank and, of equal ranks, by place.
struct RankHeap {
    private struct Entry {
        let rank: UInt32
        let place: Int

        func precedes(_ other: Entry) -> Bool {
            rank != other.rank ? rank < other.rank : place < other.place
        }
    }

    private var entries: [Entry] = []

    mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
    }

    mutating func insert(rank: UInt32, place: Int) {
        var index = entries.count
        let entry = Entry(rank: rank, place: place)
        entries.append(entry)
        while index > 0, entry.precedes(entries[(index - 1) / 2]) {
            entries[index] = entries[(index - 1) / 2]
            index = (index - 1) / 2
        }
        entries[index] = entry
    }

    mutating func popLowest() -> (rank: UInt32, place: Int)? {
        guard let lowest = entries.first, let last = entries.popLast() else { return nil }
        guard !entries.isEmpty else { return (lowest.rank, lowest.place) }
        var index = 0
        while true {
            var child = 2 * index + 1
            guard child < entries.count else { break }
            if child + 1 < entries.count, entries[child + 1].precedes(entries[child]) { child += 1 }
            guard entries[child].precedes(last) else { break }
            entries[index] = entries[child]
            index = child
        }
        entries[index] = last
        return (lowest.rank, lowest.place)
    }
}
