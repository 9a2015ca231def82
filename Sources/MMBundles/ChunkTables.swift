internal import MMStorage
internal import Synchronization

/// The chunk tables of a bundle, read again when they are needed: a large set's would not fit the memory budget.
///
/// Each reading is proven by the digest, so that what open has checked stays true.
final class ChunkTables: Sendable {
    private let files: [BundleFile]
    private let cache = Mutex<[(part: Int, table: ChunkTable)]>([])
    /// Tables that are kept: 32 MiB cover 80 GB of compact chunks.
    private static let keptByteCount = 32 << 20

    init(files: [BundleFile]) {
        self.files = files
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
}
