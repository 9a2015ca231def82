/// The merges of a byte-pair encoding: for a pair of ids, its rank and the id of what they make.
struct MergeTable: Sendable {
    struct Merge: Sendable {
        /// Lower merges first.
        let rank: UInt32
        let id: UInt32
    }

    private struct Slot: Sendable {
        var pair: UInt64 = .max
        var rank: UInt32 = 0
        var id: UInt32 = 0
    }

    /// Open addressing; the count is a power of two above twice the merges. No pair is all ones, as ids are smaller.
    private var slots: [Slot]
    /// Keeps a crafted vocabulary from piling its pairs up; what is found does not depend on it.
    private let seed: UInt64

    init(capacity: Int) {
        var slotCount = 16
        while slotCount < capacity * 2 { slotCount *= 2 }
        slots = [Slot](repeating: Slot(), count: slotCount)
        seed = UInt64.random(in: .min ... .max)
    }

    /// False when the pair is there already. No more pairs may be added than the capacity.
    mutating func insert(_ left: UInt32, _ right: UInt32, rank: UInt32, id: UInt32) -> Bool {
        let pair = UInt64(left) << 32 | UInt64(right)
        var slot = home(of: pair)
        while slots[slot].pair != .max {
            if slots[slot].pair == pair { return false }
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = Slot(pair: pair, rank: rank, id: id)
        return true
    }

    func merge(of left: UInt32, _ right: UInt32) -> Merge? {
        let pair = UInt64(left) << 32 | UInt64(right)
        var slot = home(of: pair)
        while slots[slot].pair != .max {
            if slots[slot].pair == pair { return Merge(rank: slots[slot].rank, id: slots[slot].id) }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    private func home(of pair: UInt64) -> Int {
        // The finalizer of MurmurHash3 (Appleby), which lets every bit of the input reach every bit of the slot.
        var hash = pair ^ seed
        hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
        hash = (hash ^ hash >> 33) &* 0xC4CE_B9FE_1A85_EC53
        return Int(truncatingIfNeeded: hash ^ hash >> 33) & (slots.count - 1)
    }
}
