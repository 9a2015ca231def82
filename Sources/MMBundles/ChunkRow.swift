internal import MMBytes
internal import MMCodecs

/// One row of the chunk table: where a run of stored bytes lies and what proves it.
struct ChunkRow: Sendable, Hashable {
    /// From the start of the part.
    var offset: Int
    var storedByteCount: Int
    var logicalByteCount: Int
    var encoding: ChunkEncoding
    /// Of the stored bytes.
    var xxh3: UInt64
    /// Of the stored bytes.
    var digest: SHA256Digest

    var end: Int { offset + storedByteCount }

    func write(into table: inout ByteWriter) {
        table.little(UInt64(offset))
        table.little(UInt64(storedByteCount))
        table.little(UInt64(logicalByteCount))
        table.little(encoding.rawValue)
        table.little(UInt32(0))
        table.little(xxh3)
        table.append(digest.bytes)
    }
}
