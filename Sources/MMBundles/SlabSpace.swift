internal import MMBytes
internal import MMCodecs
internal import MMStorage
internal import MMTensors

/// The space that a slab is read and encoded in; used by one thread at a time, as the pipeline hands it on.
final class SlabSpace: @unchecked Sendable {
    /// The chunks as they lie in `fileBuffer`, their offsets counted from there.
    private(set) var chunks: [ChunkRow] = []
    /// Bytes of `stored` that are in use, with the zeros between the chunks.
    private(set) var storedByteCount = 0
    private(set) var logicalByteCount = 0

    let logical: PageBuffer
    private let stored: PageBuffer?
    private let encoder: ChunkEncoder?

    /// `encoder` is for compact slabs, where there will be any.
    init(byteCount: Int, encoder: ChunkEncoder?) {
        logical = PageBuffer(capacity: byteCount)
        self.encoder = encoder
        stored =
            encoder != nil
            ? PageBuffer(
                capacity: SlabPlan.chunksPerSlab * (BundleFormat.chunkByteCount + BundleFormat.chunkAlignment)
            ) : nil
    }

    /// What goes into the file, and how much of it: the chunks, or the logical bytes of a raw slab.
    var fileBuffer: (buffer: PageBuffer, byteCount: Int) {
        if let stored, storedByteCount > 0 { return (stored, storedByteCount) }
        return (logical, logicalByteCount)
    }

    /// Reads a slab of a compact tensor and encodes its chunks.
    func fillCompact(_ slab: SlabPlan.Slab, from source: any TensorSource) throws {
        try read(slab, from: source)
        let tensor = source.tensors[slab.tensor]
        guard let encoder, let stored, let form = ChunkForm(tensor.type) else { return }
        let chunkByteCount = SlabPlan.chunkByteCount(of: tensor)
        let input = logical
        var output = stored.mutableBytes(stored.capacity)
        var start = 0
        while start < logicalByteCount {
            let bytes = input.bytes(logicalByteCount).extracting(start..<min(logicalByteCount, start + chunkByteCount))
            let padded = (storedByteCount + 63) & ~63
            var padding = output._mutatingExtracting(storedByteCount..<padded)
            padding.clear()
            storedByteCount = padded
            try encode(bytes, form: form, encoder: encoder, into: &output)
            start += bytes.byteCount
        }
    }

    /// Reads a slab of a raw tensor.
    func fillRaw(_ slab: SlabPlan.Slab, from source: any TensorSource) throws {
        try read(slab, from: source)
        let chunkByteCount = SlabPlan.chunkByteCount(of: source.tensors[slab.tensor])
        let input = logical
        for start in stride(from: 0, to: slab.byteCount, by: chunkByteCount) {
            let bytes = input.bytes(slab.byteCount).extracting(start..<min(slab.byteCount, start + chunkByteCount))
            chunks.append(
                ChunkRow(
                    offset: start,
                    storedByteCount: bytes.byteCount,
                    logicalByteCount: bytes.byteCount,
                    encoding: .raw,
                    xxh3: XXH3.hash(bytes),
                    digest: .zeros
                )
            )
        }
    }

    private func read(_ slab: SlabPlan.Slab, from source: any TensorSource) throws {
        chunks.removeAll(keepingCapacity: true)
        storedByteCount = 0
        logicalByteCount = slab.byteCount
        guard slab.byteCount > 0 else { return }
        let buffer = logical
        var destination = buffer.mutableBytes(slab.byteCount)
        try source.read(slab.tensor, at: slab.offset, into: &destination)
    }

    private func encode(
        _ bytes: RawSpan,
        form: ChunkForm,
        encoder: ChunkEncoder,
        into output: inout MutableRawSpan
    ) throws {
        var room = output._mutatingExtracting(storedByteCount..<storedByteCount + bytes.byteCount)
        let (encoding, count) = try encoder.encode(bytes, form: form, into: &room)
        let result = room.bytes.extracting(0..<count)
        chunks.append(
            ChunkRow(
                offset: storedByteCount,
                storedByteCount: count,
                logicalByteCount: bytes.byteCount,
                encoding: encoding,
                xxh3: XXH3.hash(result),
                digest: SHA256Digest(of: result)
            )
        )
        storedByteCount += count
    }
}
