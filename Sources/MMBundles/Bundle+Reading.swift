internal import MMBytes
internal import MMCodecs
internal import MMStorage
public import MMTensors

/// Every door checks the XXH3 of a chunk before any of its bytes can be used, and touches no chunk but those that hold
/// what was asked for.
extension Bundle {
    /// Fills `destination` with logical bytes from `offset` of tensor `index`, on this thread; any offset and length
    /// inside the tensor do.
    public func read(_ index: Int, at offset: Int, into destination: inout MutableRawSpan) throws {
        let tensor = manifest.tensors[index]
        let pieces = try pieces(of: tensor, offset: offset, byteCount: destination.byteCount)
        guard !pieces.isEmpty else { return }
        let type = tensor.descriptor.type
        try decoders.withDecoder(preferring: pieces.number(0)) { decoder in
            var cursor = ChunkTables.Cursor()
            for piece in 0..<pieces.count {
                let chunk = try tables.chunk(pieces.number(piece), &cursor)
                let inside = pieces.range(piece)
                var part = destination._mutatingExtracting(pieces.destination(piece))
                if inside.count == chunk.row.logicalByteCount, decoder.number != chunk.number {
                    try decoder.decode(chunk, type: type, into: &part)
                } else {
                    let logical = try decoder.logicalBytes(of: chunk, type: type)
                    part.copy(logical.bytes(chunk.row.logicalByteCount).extracting(inside))
                }
            }
        }
    }

    /// Hands on bytes `range` of tensor `index` chunk by chunk, in order, while they are in the cache: to stage them where
    /// the processor cannot decode to. For several threads give each its own range.
    ///
    /// `body` takes the bytes' offset in the tensor; they are lent for the call.
    public func forEachChunk(
        of index: Int,
        in range: Range<Int>,
        _ body: (_ offset: Int, _ bytes: RawSpan) throws -> Void
    ) throws {
        let tensor = manifest.tensors[index]
        let pieces = try pieces(of: tensor, offset: range.lowerBound, byteCount: range.count)
        guard !pieces.isEmpty else { return }
        try decoders.withDecoder(preferring: pieces.number(0)) { decoder in
            var cursor = ChunkTables.Cursor()
            for piece in 0..<pieces.count {
                let chunk = try tables.chunk(pieces.number(piece), &cursor)
                let logical = try decoder.logicalBytes(of: chunk, type: tensor.descriptor.type)
                try body(
                    range.lowerBound + pieces.destination(piece).lowerBound,
                    logical.bytes(chunk.row.logicalByteCount).extracting(pieces.range(piece))
                )
            }
        }
    }

    /// Fills `destination` as `read` does, on all cores.
    public func load(_ index: Int, at offset: Int, into destination: inout MutableRawSpan) throws {
        // Four chunks at a time: enough work for a thread to be worth waking.
        let sliceByteCount = 4 * manifest.tensors[index].chunkByteCount
        try destination.fillConcurrently(sliceByteCount: sliceByteCount) { start, slice in
            try read(index, at: offset + start, into: &slice)
        }
    }

    /// The whole tensor, as `load(_:bytes:)`.
    public func load(_ index: Int) throws -> TensorBytes {
        try load(index, bytes: 0..<tensors[index].byteCount)
    }

    /// Bytes `range` of the tensor: lent from a mapping where they are raw and lie in one part, else decoded on all cores,
    /// or when they are touched, as the bundle's `access` says.
    public func load(_ index: Int, bytes range: Range<Int>) throws -> TensorBytes {
        let tensor = manifest.tensors[index]
        let pieces = try pieces(of: tensor, offset: range.lowerBound, byteCount: range.count)
        if tensor.encoding == .raw, !pieces.isEmpty, let lent = try lend(pieces) { return lent }
        if access.isLazy, tensor.encoding == .compact, let lazy = lazyBytes(index, range) { return lazy }
        let buffer = access.arena?.buffer(capacity: range.count) ?? PageBuffer(capacity: range.count)
        var bytes = buffer.mutableBytes(range.count)
        try load(index, at: range.lowerBound, into: &bytes)
        return TensorBytes(buffer: buffer, byteCount: range.count)
    }

    /// A view of the mapping of the part that has all of the pieces; nil without a mapping, and where they lie in several.
    private func lend(_ pieces: ChunkPieces) throws -> TensorBytes? {
        let part = tables.part(of: pieces.number(0))
        let numbers = pieces.number(0)..<pieces.number(pieces.count - 1) + 1
        guard !mappings.isEmpty, tables.part(of: numbers.upperBound - 1) == part else { return nil }
        let mapping = try mappings[part - 1].get()
        if access.isChecking { try check(checks.unchecked(of: numbers), in: mapping) }
        var cursor = ChunkTables.Cursor()
        let start = try tables.chunk(numbers.lowerBound, &cursor).row.offset + pieces.range(0).lowerBound
        return TensorBytes(mapping: mapping, offset: start, byteCount: pieces.byteCount)
    }

    /// Holds chunks that lie in `mapping` to their checksums, on all cores.
    private func check(_ numbers: [Int], in mapping: MappedFile) throws {
        try ConcurrentSlices.run(count: numbers.count, sliceCount: 4) { slice in
            var cursor = ChunkTables.Cursor()
            for index in slice {
                let chunk = try tables.chunk(numbers[index], &cursor)
                try chunk.check(mapping.bytes.extracting(chunk.row.offset..<chunk.row.end))
            }
        }
        checks.markChecked(numbers)
    }

    private func lazyBytes(_ index: Int, _ range: Range<Int>) -> TensorBytes? {
        let tensor = manifest.tensors[index]
        let memory = lazySpace.memory(byteCount: range.count, path: parts[tensor.part - 1].path) {
            [self] offset, bytes in
            try read(index, at: range.lowerBound + offset, into: &bytes)
        }
        return memory.map { TensorBytes(lazy: $0) }
    }

    private func pieces(of tensor: BundleTensor, offset: Int, byteCount: Int) throws -> ChunkPieces {
        let allowed = tensor.descriptor.byteCount
        guard offset >= 0, offset <= allowed, byteCount >= 0, byteCount <= allowed - offset else {
            throw BundleError(
                .readOutside(offset: offset, byteCount: byteCount, allowed: allowed),
                subject: tensor.name
            )
        }
        return ChunkPieces(
            firstNumber: tables.number(ofRow: tensor.firstChunk, inPart: tensor.part),
            chunkByteCount: tensor.chunkByteCount,
            bytes: offset..<offset + byteCount
        )
    }
}
