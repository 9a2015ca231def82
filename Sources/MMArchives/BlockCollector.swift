/// Cuts the bytes of members into blocks and puts those that are wanted into a store.
struct BlockCollector {
    private(set) var store: BlockStore
    /// Nil for all that the store has room for.
    private let wanted: Set<Int>?
    /// Wanted blocks that are whole.
    private(set) var completeCount = 0
    private var number = 0
    private var byteCount = 0
    private var isKept = false

    init(_ store: BlockStore, wanted: Set<Int>? = nil) {
        self.store = store
        self.wanted = wanted
    }

    /// The next bytes are a member's first, whose blocks are numbered from `firstBlock`.
    mutating func begin(firstBlock: Int) {
        number = firstBlock
        byteCount = 0
    }

    mutating func append(_ bytes: RawSpan) {
        var taken = 0
        while taken < bytes.byteCount {
            if byteCount == 0 { isKept = (wanted?.contains(number) ?? true) && store.add(number) }
            let count = min(bytes.byteCount - taken, BlockStore.blockByteCount - byteCount)
            if isKept { store.write(bytes.extracting(taken..<taken + count), to: number, at: byteCount) }
            byteCount += count
            taken += count
            if byteCount == BlockStore.blockByteCount { closeBlock() }
        }
    }

    /// The member is whole.
    mutating func end() {
        if byteCount > 0 { closeBlock() }
    }

    private mutating func closeBlock() {
        if isKept { completeCount += 1 }
        byteCount = 0
        number += 1
    }
}
