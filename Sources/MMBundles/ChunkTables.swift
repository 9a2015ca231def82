internal import MMStorage
internal import Synchronization

/// The chunk tables of a bundle, read again when they are needed: a large set's would not fit the memory budget.
///
/// Each reading is proven by the digest, so that what open has checked stays true.
final class ChunkTables: Sendable {
    let files: [BundleFile]
    /// The number of the first row of each part, and that of all rows, counted over all parts.
    private let firsts: [Int]
    private let cache = Mutex<[(part: Int, table: ChunkTable)]>([])
    /// Tables that are kept: 32 MiB cover 120 GB of weights.
    private static let keptByteCount = 32 << 20

    init(files: [BundleFile]) {
        self.files = files
        // Each part has fewer rows than bytes, and the lengths of files that are there add up.
        firsts = files.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.header.chunkCount) }
    }

    /// The rows of all parts.
    var chunkCount: Int { firsts[files.count] }

    /// The number, over all parts, of row `row` of part `part`, from 1.
    func number(ofRow row: Int, inPart part: Int) -> Int { firsts[part - 1] + row }

    /// The part, from 1, that has row `number` of all rows.
    func part(of number: Int) -> Int {
        var (low, high) = (0, files.count)
        // firsts[low] <= number < firsts[high]; of parts without rows the last is found.
        while high - low > 1 {
            let middle = (low + high) / 2
            if firsts[middle] <= number { low = middle } else { high = middle }
        }
        return low + 1
    }

    /// The table of part `part`, from 1.
    func table(ofPart part: Int) throws -> ChunkTable {
        if let table = cache.withLock({ cache in cache.first { $0.part == part }?.table }) { return table }
        let table = try files[part - 1].chunkTable()
        cache.withLock { cache in
            guard !cache.contains(where: { $0.part == part }) else { return }
            cache.append((part, table))
            while cache.count > 1, cache.reduce(0, { $0 + $1.table.byteCount }) > Self.keptByteCount {
                cache.removeFirst()
            }
        }
        return table
    }

    /// Chunk `number` of all parts; `cursor` keeps the table that it was found in for the next.
    func chunk(_ number: Int, _ cursor: inout Cursor) throws -> BundleChunk {
        if !cursor.numbers.contains(number) {
            cursor.part = part(of: number)
            cursor.table = try table(ofPart: cursor.part)
            cursor.numbers = firsts[cursor.part - 1]..<firsts[cursor.part]
        }
        guard let table = cursor.table else { throw BundleError(.damagedChunkTable) }
        let index = number - cursor.numbers.lowerBound
        return BundleChunk(
            number: number,
            row: try table.row(index),
            index: index,
            file: files[cursor.part - 1],
            part: cursor.part
        )
    }

    /// Where a reader that goes from chunk to chunk is.
    struct Cursor {
        fileprivate var part = 0
        fileprivate var table: ChunkTable?
        fileprivate var numbers = 0..<0
    }
}
