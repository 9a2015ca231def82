internal import Dispatch
internal import MMBytes
internal import MMCodecs
internal import MMStorage
internal import MMTensors
internal import Synchronization

/// Writes the slabs of all tensors in order, into as many files as they need, and keeps what the manifest says of
/// them. Not synchronised: the pipeline's consuming thread owns it.
final class WeightsWriter {
    /// A tensor as it lies in the files; `file` counts them from 0.
    struct Entry {
        let encoding: BundleEncoding
        let file: Int
        let firstChunk: Int
        let chunkCount: Int
        let digest: SHA256Digest
    }

    private let tensors: [TensorDescriptor]
    private let encodings: [BundleEncoding]
    private let path: String
    private let shardByteCount: Int
    private let queue = DispatchQueue(label: "mmpack.bundle.write")
    private(set) var files: [PartOutput]
    private(set) var entries: [Entry] = []
    private(set) var logicalByteCount = 0
    private(set) var storedByteCount = 0

    // The tensor under way.
    private var hasher = SHA256Hasher()
    private let xxh3 = XXH3()
    private var start = 0
    private var firstChunk = 0

    /// Below this a second thread costs more than it saves.
    private static let overlapByteCount = 131_072
    /// How much is written before the kernel is asked to start on it.
    private static let writebackByteCount = 16 << 20
    private var writebackStart = 0

    init(
        tensors: [TensorDescriptor],
        encodings: [BundleEncoding],
        path: String,
        shardByteCount: Int
    ) throws(FileError) {
        self.tensors = tensors
        self.encodings = encodings
        self.path = path
        self.shardByteCount = shardByteCount
        files = [try PartOutput(path: path)]
    }

    private var current: PartOutput { files[files.count - 1] }

    func write(_ slab: SlabPlan.Slab, _ space: SlabSpace) throws {
        if slab.isFirst { try begin(slab.tensor) }
        switch encodings[slab.tensor] {
        case .raw: try writeRaw(slab, space)
        case .compact: try writeCompact(slab, space)
        }
        logicalByteCount += slab.byteCount
        if slab.isLast { finish(slab.tensor, space) }
    }

    /// Goes on in a further file when the tensor might not fit this one.
    private func begin(_ index: Int) throws {
        if try !fits(index) {
            try closeFile()
            files.append(try PartOutput(path: path))
            writebackStart = 0
            guard try fits(index) else { throw tooLarge(index) }
        }
        hasher = SHA256Hasher()
        xxh3.reset()
        firstChunk = current.chunkCount
        let alignment = BundleTensor.alignment(encoding: encodings[index], byteCount: tensors[index].byteCount)
        start = tensors[index].byteCount == 0 ? current.end : current.start(alignment: alignment)
    }

    /// Whether the tensor, however badly it compresses, leaves this file within the shard size.
    private func fits(_ index: Int) throws(BundleError) -> Bool {
        let tensor = tensors[index]
        let isCompact = encodings[index] == .compact
        let alignment = BundleTensor.alignment(encoding: encodings[index], byteCount: tensor.byteCount)
        let rowCount = isCompact ? tensor.byteCount.dividedRoundingUp(by: SlabPlan.chunkByteCount(of: tensor)) : 1
        guard let extentsEnd = current.start(alignment: alignment).adding(tensor.byteCount),
            let byteCount = current.byteCount(extentsEnd: extentsEnd, furtherRowCount: rowCount)
        else { throw tooLarge(index) }
        return byteCount <= shardByteCount
    }

    private func tooLarge(_ index: Int) -> BundleError {
        BundleError(
            .largerThanShard(byteCount: tensors[index].byteCount, shardByteCount: shardByteCount),
            subject: tensors[index].name
        )
    }

    /// A finished file needs no more writing but its table and header.
    private func closeFile() throws(FileError) {
        current.output.startWriteback(at: writebackStart, byteCount: current.end - writebackStart)
    }

    private func writeRaw(_ slab: SlabPlan.Slab, _ space: SlabSpace) throws {
        let offset = start + slab.offset
        if slab.isFirst, slab.isLast {
            let (buffer, byteCount) = space.fileBuffer
            try current.output.write(buffer.bytes(byteCount), at: offset)
        } else {
            try writeAndHash(space, at: offset)
            let buffer = space.logical
            xxh3.update(buffer.bytes(space.logicalByteCount))
        }
        storedByteCount += slab.byteCount
        startWriteback(to: offset + slab.byteCount)
    }

    private func writeCompact(_ slab: SlabPlan.Slab, _ space: SlabSpace) throws {
        let offset = slab.isFirst ? start : current.start(alignment: BundleFormat.chunkAlignment)
        try writeAndHash(space, at: offset)
        for var chunk in space.chunks {
            chunk.offset += offset
            current.append(chunk)
            storedByteCount += chunk.storedByteCount
        }
        startWriteback(to: current.end)
    }

    /// Writes on another thread while this one hashes: both take about as long.
    private func writeAndHash(_ space: SlabSpace, at offset: Int) throws {
        let output = current.output
        let logical = space.logical
        let (buffer, byteCount) = space.fileBuffer
        guard space.logicalByteCount >= Self.overlapByteCount else {
            try output.write(buffer.bytes(byteCount), at: offset)
            return hasher.update(logical.bytes(space.logicalByteCount))
        }
        let failure = Mutex<FileError?>(nil)
        let written = DispatchSemaphore(value: 0)
        queue.async {
            do throws(FileError) {
                try output.write(buffer.bytes(byteCount), at: offset)
            } catch {
                failure.withLock { $0 = error }
            }
            written.signal()
        }
        hasher.update(logical.bytes(space.logicalByteCount))
        written.wait()
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    private func startWriteback(to end: Int) {
        guard end - writebackStart >= Self.writebackByteCount else { return }
        current.output.startWriteback(at: writebackStart, byteCount: end - writebackStart)
        writebackStart = end
    }

    private func finish(_ index: Int, _ space: SlabSpace) {
        let byteCount = tensors[index].byteCount
        let digest: SHA256Digest
        if encodings[index] == .raw {
            let whole = space.wholeDigest ?? (hasher.finalize(), xxh3.digest)
            digest = whole.0
            if byteCount > 0 {
                current.append(
                    ChunkRow(
                        offset: start,
                        storedByteCount: byteCount,
                        logicalByteCount: byteCount,
                        encoding: .raw,
                        xxh3: whole.1,
                        digest: digest
                    )
                )
            }
        } else {
            digest = hasher.finalize()
        }
        entries.append(
            Entry(
                encoding: encodings[index],
                file: files.count - 1,
                firstChunk: firstChunk,
                chunkCount: current.chunkCount - firstChunk,
                digest: digest
            )
        )
    }
}
