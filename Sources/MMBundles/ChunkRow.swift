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
    /// Of the stored bytes; zeros for a raw tensor's, which the tensor's own digest covers.
    var digest: SHA256Digest

    var end: Int { offset + storedByteCount }

    /// Whether `stored` has this row's XXH3.
    func matches(_ stored: RawSpan) -> Bool { XXH3.hash(stored) == xxh3 }

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
