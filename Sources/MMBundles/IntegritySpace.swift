internal import MMBytes
internal import MMCodecs
internal import MMStorage

/// The space that one thread verifies in; used by one thread at a time, as the pipeline hands it on.
final class IntegritySpace: @unchecked Sendable {
    private static let pieceByteCount = 1 << 20

    private let stored = PageBuffer(capacity: pieceByteCount)
    private let logical = PageBuffer(capacity: BundleFormat.chunkByteCount)
    private let codecs: ChunkCodecs

    init() throws(CodecError) {
        codecs = try ChunkCodecs()
    }

    /// Checks that the bytes of `range`, less than 16 KiB, are zero.
    func checkZeros(_ range: Range<Int>, of file: BundleFile) throws {
        guard !range.isEmpty else { return }
        let buffer = stored
        var bytes = buffer.mutableBytes(range.count)
        try file.file.read(at: range.lowerBound, into: &bytes)
        if let nonZero = bytes.bytes.firstNonZeroOffset {
            throw BundleError(.nonZeroPadding(offset: range.lowerBound + nonZero), path: file.path)
        }
    }

    /// Checks the stored bytes of a chunk of any length, and hands them on in pieces.
    func checkStored(_ row: ChunkRow, index: Int, of file: BundleFile, each: (RawSpan) -> Void) throws {
        var hasher = SHA256Hasher()
        let xxh3 = XXH3()
        let buffer = stored
        var offset = 0
        while offset < row.storedByteCount {
            let count = min(Self.pieceByteCount, row.storedByteCount - offset)
            var bytes = buffer.mutableBytes(count)
            try file.file.read(at: row.offset + offset, into: &bytes)
            hasher.update(bytes.bytes)
            xxh3.update(bytes.bytes)
            each(bytes.bytes)
            offset += count
        }
        guard xxh3.digest == row.xxh3, hasher.finalize() == row.digest else {
            throw BundleError(.damagedChunk(row: index), path: file.path)
        }
    }

    /// Checks a chunk of a compact tensor and adds its logical bytes to `hasher`.
    func checkCompact(
        _ row: ChunkRow,
        key: ChunkDecoder.Key,
        form: ChunkForm,
        file: BundleFile,
        hasher: inout SHA256Hasher
    ) throws {
        // The layout has checked that a chunk is at most 256 KiB, stored and logical.
        try checkStored(row, index: key.row, of: file) { _ in }
        let storedBuffer = stored
        let logicalBuffer = logical
        var destination = logicalBuffer.mutableBytes(row.logicalByteCount)
        try ChunkDecoder.decode(
            storedBuffer.bytes(row.storedByteCount),
            row,
            key: key,
            form: form,
            codecs: codecs,
            path: file.path,
            into: &destination
        )
        hasher.update(destination.bytes)
    }
}
