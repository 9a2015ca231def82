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
    private let digests: SourceDigests
    private let path: String
    private let shardByteCount: Int
    /// Logical bytes of all tensors.
    let totalByteCount: Int
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
    private static let overlapByteCount = 65_536
    /// How much is written before the kernel is asked to start on it.
    private static let writebackByteCount = 16 << 20
    private var writebackStart = 0

    init(
        tensors: [TensorDescriptor],
        encodings: [BundleEncoding],
        digests: SourceDigests,
        path: String,
        shardByteCount: Int
    ) throws(FileError) {
        self.tensors = tensors
        self.encodings = encodings
        self.digests = digests
        totalByteCount = tensors.reduce(0) { $0.adding($1.byteCount) ?? .max }
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
        if slab.isLast { finish(slab.tensor) }
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
        try writeAndHash(space, at: start + slab.offset, chunkHash: xxh3)
        storedByteCount += slab.byteCount
    }

    private func writeCompact(_ slab: SlabPlan.Slab, _ space: SlabSpace) throws {
        let offset = slab.isFirst ? start : current.start(alignment: BundleFormat.chunkAlignment)
        try writeAndHash(space, at: offset, chunkHash: nil)
        for var chunk in space.chunks {
            chunk.offset += offset
            current.append(chunk)
            storedByteCount += chunk.storedByteCount
        }
    }

    /// Writes on another thread, which also updates `chunkHash`, while this one hashes: both take about as long.
    private func writeAndHash(_ space: SlabSpace, at offset: Int, chunkHash: XXH3?) throws {
        let output = current.output
        let (buffer, byteCount) = space.fileBuffer
        let writeback = takeWriteback(to: offset + byteCount)
        let write = { @Sendable () throws(FileError) in
            try output.write(buffer.bytes(byteCount), at: offset)
            chunkHash?.update(buffer.bytes(byteCount))
            if let writeback { output.startWriteback(at: writeback.lowerBound, byteCount: writeback.count) }
        }
        guard space.logicalByteCount >= Self.overlapByteCount else {
            try write()
            return try hash(space)
        }
        let failure = Mutex<FileError?>(nil)
        let written = DispatchSemaphore(value: 0)
        queue.async {
            do throws(FileError) {
                try write()
            } catch {
                failure.withLock { $0 = error }
            }
            written.signal()
        }
        let hashing = Result { try hash(space) }
        // Whatever comes of the hashing, the space is in use until then.
        while written.wait(timeout: .now()) == .timedOut {
            if (try? digests.advance()) != true {
                written.wait()
                break
            }
        }
        try hashing.get()
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    private func hash(_ space: SlabSpace) throws {
        let buffer = space.logical
        let share = Double(logicalByteCount + space.logicalByteCount) / Double(max(1, totalByteCount))
        try digests.update(&hasher, buffer.bytes(space.logicalByteCount), share: share)
    }

    /// What the kernel is to be asked to start on when all is written up to `end`; nil while it is too little.
    private func takeWriteback(to end: Int) -> Range<Int>? {
        guard end - writebackStart >= Self.writebackByteCount else { return nil }
        defer { writebackStart = end }
        return writebackStart..<end
    }

    private func finish(_ index: Int) {
        let byteCount = tensors[index].byteCount
        let digest = hasher.finalize()
        if encodings[index] == .raw, byteCount > 0 {
            current.append(
                ChunkRow(
                    offset: start,
                    storedByteCount: byteCount,
                    logicalByteCount: byteCount,
                    encoding: .raw,
                    xxh3: xxh3.digest,
                    digest: digest
                )
            )
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
