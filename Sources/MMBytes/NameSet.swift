/// The names met so far, for refusing the second of two: hashes lie in one array, so that neither looking up nor
/// growing follows a pointer for each name.
///
/// `Set` spent four times as long on a header of 900,000 names. The hash is Swift's seeded one: nobody can choose names
/// that collide.
package struct NameSet: Sendable {
    private var names: [ByteString] = []
    /// For each slot zero, or the high half of a name's hash and, in the low half, its index plus one.
    private var slots: [UInt64] = []

    package init() {}

    package var count: Int { names.count }
    package var isEmpty: Bool { names.isEmpty }

    /// Takes in `name`; false when it was there already. At most 2^32 - 2 names.
    package mutating func insert(_ name: ByteString) -> Bool {
        if names.count * 4 >= slots.count * 3 { grow() }
        let hash = Self.hash(name)
        var slot = Self.slot(of: hash, count: slots.count)
        // A quarter of the slots is empty, so the search ends.
        while slots[slot] != 0 {
            let index = Int(slots[slot] & 0xFFFF_FFFF) - 1
            if slots[slot] >> 32 == hash >> 32, names[index] == name { return false }
            slot = (slot + 1) & (slots.count - 1)
        }
        names.append(name)
        slots[slot] = hash & ~0xFFFF_FFFF | UInt64(names.count)
        return true
    }

    private mutating func grow() {
        var larger = [UInt64](repeating: 0, count: max(32, slots.count * 2))
        for entry in slots where entry != 0 {
            var slot = Self.slot(of: entry, count: larger.count)
            while larger[slot] != 0 { slot = (slot + 1) & (larger.count - 1) }
            larger[slot] = entry
        }
        slots = larger
    }

    /// The slot comes from the high half of the hash, which the slots keep; `count` is a power of two.
    private static func slot(of hash: UInt64, count: Int) -> Int {
        Int(truncatingIfNeeded: hash >> 32) & (count - 1)
    }

    private static func hash(_ name: ByteString) -> UInt64 {
        var hasher = Hasher()
        name.hash(into: &hasher)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }
}
