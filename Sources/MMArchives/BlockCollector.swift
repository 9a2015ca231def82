/// Cuts the bytes of a member into blocks and keeps those that are wanted.
struct BlockCollector {
    static let blockByteCount = 65_536

    private(set) var blocks: [Int: [UInt8]] = [:]
    private let isWanted: (_ block: Int, _ keptCount: Int) -> Bool
    private var number = 0
    private var block: [UInt8] = []
    private var byteCount = 0

    /// - Parameter isWanted: takes the number of a block and how many have been kept.
    init(isWanted: @escaping (_ block: Int, _ keptCount: Int) -> Bool) {
        self.isWanted = isWanted
    }

    static func count(of byteCount: Int) -> Int {
        byteCount / blockByteCount + (byteCount % blockByteCount == 0 ? 0 : 1)
    }

    /// The next bytes are a member's first, whose blocks are numbered from `firstBlock`.
    mutating func begin(firstBlock: Int) {
        number = firstBlock
        byteCount = 0
        block = []
    }

    mutating func append(_ bytes: RawSpan) {
        var taken = 0
        while taken < bytes.byteCount {
            let count = min(bytes.byteCount - taken, Self.blockByteCount - byteCount)
            if isWanted(number, blocks.count) {
                if block.isEmpty { block.reserveCapacity(Self.blockByteCount) }
                // The buffer is read inside the closure only.
                unsafe bytes.extracting(taken..<taken + count).withUnsafeBytes { unsafe block.append(contentsOf: $0) }
            }
            byteCount += count
            taken += count
            if byteCount == Self.blockByteCount { closeBlock() }
        }
    }

    /// The member is whole.
    mutating func end() {
        if byteCount > 0 { closeBlock() }
    }

    private mutating func closeBlock() {
        // A block that is wanted was so from its first byte: nothing is kept in between.
        if !block.isEmpty { blocks[number] = block }
        block = []
        byteCount = 0
        number += 1
    }
}
