internal import MMBytes
internal import MMCodecs
internal import MMStorage
internal import MMTensors

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

    /// Checks what lies between a chunk and the one before in the same part.
    func checkZeros(before chunk: BundleChunk, after previous: BundleChunk?) throws {
        let isSamePart = previous.map { $0.part == chunk.part } ?? false
        let end = isSamePart ? previous?.row.end : nil
        try checkZeros((end ?? BundleFormat.headerByteCount)..<chunk.row.offset, of: chunk.file)
    }

    /// Checks the stored bytes of an asset's chunk, which may be long.
    func checkStored(_ chunk: BundleChunk) throws {
        let row = chunk.row
        var hasher = SHA256Hasher()
        let xxh3 = XXH3()
        let buffer = stored
        for offset in stride(from: 0, to: row.storedByteCount, by: Self.pieceByteCount) {
            var bytes = buffer.mutableBytes(min(Self.pieceByteCount, row.storedByteCount - offset))
            try chunk.file.file.read(at: row.offset + offset, into: &bytes)
            hasher.update(bytes.bytes)
            xxh3.update(bytes.bytes)
        }
        guard xxh3.digest == row.xxh3, hasher.finalize() == row.digest else {
            throw BundleError(.damagedChunk(row: chunk.index), path: chunk.file.path)
        }
    }

    /// Checks a chunk of a tensor and adds its logical bytes to `hasher`.
    func check(_ chunk: BundleChunk, of tensor: BundleTensor, hasher: inout SHA256Hasher) throws {
        // The layout has checked that a chunk is at most 256 KiB, stored and logical.
        let storedBuffer = stored
        var bytes = storedBuffer.mutableBytes(chunk.row.storedByteCount)
        try chunk.read(into: &bytes)
        guard tensor.encoding == .compact else { return hasher.update(bytes.bytes) }
        guard SHA256Digest(of: bytes.bytes) == chunk.row.digest else {
            throw BundleError(.damagedChunk(row: chunk.index), path: chunk.file.path)
        }
        let logicalBuffer = logical
        var destination = logicalBuffer.mutableBytes(chunk.row.logicalByteCount)
        try ChunkDecoder.decode(
            bytes.bytes,
            of: chunk,
            type: tensor.descriptor.type,
            codecs: codecs,
            into: &destination
        )
        hasher.update(destination.bytes)
    }
}
