internal import MMCodecs

/// The chunk table of one part, as its bytes: rows are read out of it when they are asked for.
struct ChunkTable: Sendable {
    let part: String
    private let bytes: [UInt8]

    /// `bytes` are whole rows.
    init(_ bytes: [UInt8], part: String) {
        self.bytes = bytes
        self.part = part
    }

    var count: Int { bytes.count / BundleFormat.chunkRowByteCount }
    var byteCount: Int { bytes.count }

    /// Row `index`, below `count`; its place and lengths are not yet known to be right. Throws `BundleError`.
    func row(_ index: Int) throws(BundleError) -> ChunkRow {
        let start = index * BundleFormat.chunkRowByteCount
        let row = bytes[start..<start + BundleFormat.chunkRowByteCount]
        guard let encoding = ChunkEncoding(rawValue: UInt32(truncatingIfNeeded: Self.little(row, at: 24, count: 4)))
        else { throw unknownEncoding(UInt32(truncatingIfNeeded: Self.little(row, at: 24, count: 4)), row: index) }
        guard Self.little(row, at: 28, count: 4) == 0,
            let offset = Int(exactly: Self.little(row, at: 0, count: 8)),
            let storedByteCount = Int(exactly: Self.little(row, at: 8, count: 8)),
            let logicalByteCount = Int(exactly: Self.little(row, at: 16, count: 8)),
            let digest = SHA256Digest(row.dropFirst(40))
        else { throw BundleError(.malformedChunkRow(row: index), path: part) }
        return ChunkRow(
            offset: offset,
            storedByteCount: storedByteCount,
            logicalByteCount: logicalByteCount,
            encoding: encoding,
            xxh3: Self.little(row, at: 32, count: 8),
            digest: digest
        )
    }

    private static func little(_ row: ArraySlice<UInt8>, at offset: Int, count: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in (0..<count).reversed() { value = value << 8 | UInt64(row[row.startIndex + offset + index]) }
        return value
    }

    @inline(never)
    private func unknownEncoding(_ id: UInt32, row: Int) -> BundleError {
        if let name = ChunkEncoding.reservedName(of: id) {
            return BundleError(.reservedEncoding(name, row: row), path: part)
        }
        return BundleError(.unknownEncoding(id, row: row), path: part)
    }
}
