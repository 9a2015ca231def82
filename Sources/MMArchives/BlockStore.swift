internal import MMStorage

/// Memory for a fixed number of blocks, which are replaced and never allocated: what threads allocate and free in turns
/// would stay with each of them.
///
/// Not synchronised: `StreamedMembers` lends it out under its lock.
struct BlockStore: Sendable {
    static let blockByteCount = 65_536

    private let buffer: PageBuffer
    /// Where each block lies.
    private var slots: [Int: Int] = [:]
    private var freeSlots: [Int]

    /// Most blocks at once.
    let count: Int

    /// `count` blocks; the system gives the memory when it is first written.
    init(count: Int) {
        self.count = count
        buffer = PageBuffer(capacity: count * Self.blockByteCount)
        freeSlots = Array((0..<count).reversed())
    }

    /// The blocks that cover `byteCount` bytes.
    static func count(of byteCount: Int) -> Int {
        byteCount / blockByteCount + (byteCount % blockByteCount == 0 ? 0 : 1)
    }

    func contains(_ block: Int) -> Bool { slots[block] != nil }

    /// Makes room for a block; false where there is none.
    mutating func add(_ block: Int) -> Bool {
        guard let slot = freeSlots.popLast() else { return false }
        if let older = slots.updateValue(slot, forKey: block) { freeSlots.append(older) }
        return true
    }

    mutating func removeAll(where isUnwanted: (Int) -> Bool) {
        for (block, slot) in slots where isUnwanted(block) {
            slots[block] = nil
            freeSlots.append(slot)
        }
    }

    /// Writes to a block that there is room for, from `offset` of it; the bytes lie inside.
    func write(_ bytes: RawSpan, to block: Int, at offset: Int) {
        guard let slot = slots[block] else { return }
        precondition(offset >= 0 && bytes.byteCount <= Self.blockByteCount - offset)
        // Inside the slot by the precondition; a slot lies inside the buffer.
        unsafe bytes.withUnsafeBytes { source in
            guard let base = source.baseAddress else { return }
            unsafe (buffer.pointer + (slot * Self.blockByteCount + offset)).copyMemory(
                from: base,
                byteCount: source.count
            )
        }
    }

    /// Fills `destination` from `offset` of a block; false where it is not here. The range lies inside the block.
    func read(_ block: Int, at offset: Int, into destination: inout MutableRawSpan) -> Bool {
        guard let slot = slots[block] else { return false }
        precondition(offset >= 0 && destination.byteCount <= Self.blockByteCount - offset)
        // Inside the slot by the precondition; a slot lies inside the buffer.
        unsafe destination.withUnsafeMutableBytes { target in
            guard let base = target.baseAddress else { return }
            unsafe base.copyMemory(
                from: buffer.pointer + (slot * Self.blockByteCount + offset),
                byteCount: target.count
            )
        }
        return true
    }
}
