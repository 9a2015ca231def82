internal import MMCodecs
internal import MMStorage
internal import Synchronization

/// Whether a raw tensor's bytes have been held to their XXH3: once, before any of them is used.
///
/// The first reader checks while others of the same tensor wait; readers of other tensors do not.
final class RawTensorCheck: Sendable {
    private let isDone = Mutex(false)

    private static let pieceByteCount = 1 << 20
    private static let scratch = ScratchPool()

    /// Throws `BundleError` when the stored bytes of `row` are not those that were written.
    func run(_ row: ChunkRow, index: Int, of file: BundleFile) throws {
        try isDone.withLock { isDone in
            guard !isDone else { return }
            guard try Self.digest(of: row, in: file) == row.xxh3 else {
                throw BundleError(.damagedChunk(row: index), path: file.path)
            }
            isDone = true
        }
    }

    /// In pieces that are read, not mapped: memory does not grow with the tensor.
    private static func digest(of row: ChunkRow, in file: BundleFile) throws -> UInt64 {
        try scratch.withBuffer(capacity: pieceByteCount) { buffer in
            let xxh3 = XXH3()
            for offset in stride(from: 0, to: row.storedByteCount, by: pieceByteCount) {
                var bytes = buffer.mutableBytes(min(pieceByteCount, row.storedByteCount - offset))
                try file.file.read(at: row.offset + offset, into: &bytes)
                xxh3.update(bytes.bytes)
            }
            return xxh3.digest
        }
    }
}
