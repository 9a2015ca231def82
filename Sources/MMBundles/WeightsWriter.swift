internal import Dispatch
internal import MMBytes
internal import MMCodecs
internal import MMStorage
internal import MMTensors
internal import Synchronization

/// Writes the slabs of all tensors in order, into as many files as they need, and keeps what the manifest says of
/// them. Not synchronised: the pipeline's consuming thread owns it.
final class WeightsWriter {
    /// A tensor as it lies in the files; `file`, where it begins, counts them from 0.
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
    private let journal: WriteJournal
    /// Logical bytes of all tensors.
    let totalByteCount: Int
    private let queue = DispatchQueue(label: "mmpack.bundle.write")
    private(set) var files: [PartOutput]
    private(set) var entries: [Entry] = []
    private(set) var logicalByteCount = 0
    private(set) var storedByteCount = 0

    // The tensor under way.
    private var hasher = SHA256Hasher()
    private var place = TensorPlace()

    /// Where a tensor's chunks go.
    private struct TensorPlace {
        /// Where it begins.
        var file = 0
        var firstChunk = 0
        var chunkCount = 0
        /// No file holds it: it goes on in the next one before a chunk that might not fit.
        var isSplit = false
        /// Whether the next chunk is the first in its file.
        var isFirstInFile = true
    }

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
        shardByteCount: Int,
        journal: WriteJournal,
        resumed: ResumedWriting?
    ) throws(FileError) {
        self.tensors = tensors
        self.encodings = encodings
        self.digests = digests
        totalByteCount = tensors.reduce(0) { $0.adding($1.byteCount) ?? .max }
        self.path = path
        self.shardByteCount = shardByteCount
        self.journal = journal
        if let resumed {
            files = resumed.files.map { PartOutput($0) }
        } else {
            files = [PartOutput(try AtomicOutput(path: path))]
        }
        for file in files { journal.begin(file.output) }
        for tensor in resumed?.tensors ?? [] { try takeOver(tensor) }
        // What was written behind them may be of no use.
        for file in files { try file.output.setByteCount(file.end) }
    }

    /// A tensor that was written before the writer was killed.
    private func takeOver(_ tensor: WriteJournal.Tensor) throws(FileError) {
        place = TensorPlace()
        (place.file, place.firstChunk) = (tensor.file, tensor.firstChunk)
        for (file, row) in tensor.chunks { append(row, to: file) }
        logicalByteCount += tensors[entries.count].byteCount
        try enter(tensor.digest)
    }

    private var current: PartOutput { files[files.count - 1] }

    func write(_ slab: SlabPlan.Slab, _ space: SlabSpace) throws {
        if slab.isFirst { try begin(slab.tensor) }
        if place.isSplit {
            try writeChunks(of: slab.tensor, space)
        } else if slab.byteCount > 0 {
            let start = nextOffset(of: slab.tensor)
            try writeAndHash(space, at: start)
            for var chunk in space.chunks {
                chunk.offset += start
                append(chunk)
            }
        }
        logicalByteCount += slab.byteCount
        if slab.isLast { try enter(hasher.finalize()) }
    }

    /// Goes on in a further file when the tensor might not fit this one.
    private func begin(_ index: Int) throws {
        place = TensorPlace()
        if !fits(index, byteCount: tensors[index].byteCount), current.chunkCount > 0 { try beginFile() }
        place.isSplit = !fits(index, byteCount: tensors[index].byteCount)
        place.file = files.count - 1
        place.firstChunk = current.chunkCount
        hasher = SHA256Hasher()
    }

    private func beginFile() throws(FileError) {
        // A finished file needs no more writing but its table and header.
        current.output.startWriteback(at: writebackStart, byteCount: current.end - writebackStart)
        files.append(PartOutput(try AtomicOutput(path: path)))
        journal.begin(current.output)
        writebackStart = 0
        place.isFirstInFile = true
    }

    /// Where the next chunk of tensor `index` starts.
    private func nextOffset(of index: Int) -> Int {
        current.start(
            alignment: BundleTensor.alignment(
                encoding: encodings[index],
                byteCount: tensors[index].byteCount,
                isFirst: place.isFirstInFile
            )
        )
    }

    /// Whether so many logical bytes of the tensor, however badly they compress, leave this file within the shard size.
    private func fits(_ index: Int, byteCount: Int) -> Bool {
        let chunkByteCount = SlabPlan.chunkByteCount(of: tensors[index])
        let rowCount = byteCount.dividedRoundingUp(by: chunkByteCount)
        let alignment = BundleTensor.alignment(encoding: encodings[index], byteCount: byteCount, isFirst: false)
        // Less than a chunk for each chunk: no overflow where the bytes themselves do not.
        let gapByteCount = max(0, rowCount - 1) * ((alignment - chunkByteCount % alignment) % alignment)
        guard let extentsEnd = nextOffset(of: index).adding(byteCount)?.adding(gapByteCount),
            let fileByteCount = current.byteCount(extentsEnd: extentsEnd, furtherRowCount: rowCount)
        else { return false }
        return fileByteCount <= shardByteCount
    }

    /// Takes in a chunk that is or will be written at its place.
    private func append(_ chunk: ChunkRow, to file: Int? = nil) {
        let file = file ?? files.count - 1
        files[file].append(chunk)
        journal.add(chunk, file: file)
        storedByteCount += chunk.storedByteCount
        place.chunkCount += 1
        place.isFirstInFile = false
    }

    /// Writes a slab of a tensor that no file holds.
    private func writeChunks(of index: Int, _ space: SlabSpace) throws {
        try hash(space)
        let (buffer, byteCount) = space.fileBuffer
        for var chunk in space.chunks {
            if !fits(index, byteCount: chunk.logicalByteCount) {
                try beginFile()
                guard fits(index, byteCount: chunk.logicalByteCount) else { throw tooLarge(index, chunk) }
            }
            let offset = nextOffset(of: index)
            let bytes = buffer.bytes(byteCount).extracting(chunk.offset..<chunk.end)
            try current.output.write(bytes, at: offset)
            chunk.offset = offset
            append(chunk)
        }
    }

    private func tooLarge(_ index: Int, _ chunk: ChunkRow) -> BundleError {
        BundleError(
            .largerThanShard(byteCount: chunk.logicalByteCount, shardByteCount: shardByteCount),
            subject: tensors[index].name
        )
    }

    /// Writes on another thread while this one hashes: both take about as long.
    private func writeAndHash(_ space: SlabSpace, at offset: Int) throws {
        let output = current.output
        let (buffer, byteCount) = space.fileBuffer
        let writeback = takeWriteback(to: offset + byteCount)
        let write = { @Sendable () throws(FileError) in
            try output.write(buffer.bytes(byteCount), at: offset)
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

    /// The next tensor is written.
    private func enter(_ digest: SHA256Digest) throws(FileError) {
        entries.append(
            Entry(
                encoding: encodings[entries.count],
                file: place.file,
                firstChunk: place.firstChunk,
                chunkCount: place.chunkCount,
                digest: digest
            )
        )
        try journal.end(tensor: digest, file: place.file, firstChunk: place.firstChunk)
    }
}
