internal import Dispatch
internal import MMBytes
internal import MMCodecs
internal import MMStorage
public import MMTensors
internal import Synchronization

extension Bundle {
    /// Fills `destination` with logical bytes from `offset` of tensor `index`; any offset and length inside it do.
    public func read(_ index: Int, at offset: Int, into destination: inout MutableRawSpan) throws {
        let tensor = manifest.tensors[index]
        let byteCount = tensor.descriptor.byteCount
        guard offset >= 0, offset <= byteCount, destination.byteCount <= byteCount - offset else {
            throw BundleError(
                .readOutside(offset: offset, byteCount: destination.byteCount, allowed: byteCount),
                subject: tensor.name
            )
        }
        guard destination.byteCount > 0 else { return }
        let part = parts[tensor.part - 1]
        let table = try tables.table(ofPart: tensor.part)
        switch tensor.encoding {
        case .raw:
            let row = try table.row(tensor.firstChunk)
            try rawChecks[index].run(row, index: tensor.firstChunk, of: part)
            try part.file.read(at: row.offset + offset, into: &destination)
        case .compact:
            try readChunks(of: tensor, table: table, file: part, from: offset, into: &destination)
        }
    }

    private func readChunks(
        of tensor: BundleTensor,
        table: ChunkTable,
        file: BundleFile,
        from offset: Int,
        into destination: inout MutableRawSpan
    ) throws {
        guard let form = ChunkForm(tensor.descriptor.type) else { return }
        let chunkByteCount = tensor.chunkByteCount
        let firstKey = ChunkDecoder.Key(part: tensor.part, row: tensor.firstChunk + offset / chunkByteCount)
        try decoders.withDecoder(preferring: firstKey) { decoder in
            var filled = 0
            while filled < destination.byteCount {
                let chunk = (offset + filled) / chunkByteCount
                let key = ChunkDecoder.Key(part: tensor.part, row: tensor.firstChunk + chunk)
                let row = try table.row(key.row)
                let start = offset + filled - chunk * chunkByteCount
                let count = min(row.logicalByteCount - start, destination.byteCount - filled)
                var piece = destination._mutatingExtracting(filled..<filled + count)
                if count == row.logicalByteCount, decoder.key != key {
                    try decoder.decode(row, key: key, form: form, file: file, into: &piece)
                } else {
                    let logical = try decoder.logicalBytes(of: row, key: key, form: form, file: file)
                    piece.copy(logical.bytes(row.logicalByteCount).extracting(start..<start + count))
                }
                filled += count
            }
        }
    }

    /// The whole tensor: a raw one is lent from the mapping, a compact one is decoded by all cores.
    public func load(_ index: Int) throws -> TensorBytes {
        let tensor = manifest.tensors[index]
        let byteCount = tensor.descriptor.byteCount
        if tensor.encoding == .raw, byteCount > 0, !mappings.isEmpty {
            let row = try tables.table(ofPart: tensor.part).row(tensor.firstChunk)
            try rawChecks[index].run(row, index: tensor.firstChunk, of: parts[tensor.part - 1])
            return TensorBytes(mapping: mappings[tensor.part - 1], offset: row.offset, byteCount: byteCount)
        }
        let buffer = PageBuffer(capacity: byteCount)
        // Four chunks at a time: enough work for a thread to be worth waking.
        let sliceByteCount = 4 * tensor.chunkByteCount
        let failure = Mutex<(any Error)?>(nil)
        DispatchQueue.concurrentPerform(iterations: byteCount.dividedRoundingUp(by: sliceByteCount)) { slice in
            do {
                let start = slice * sliceByteCount
                let end = min(byteCount, start + sliceByteCount)
                // Each slice of the buffer is written by one iteration.
                var bytes = buffer.mutableBytes(end)
                var piece = bytes._mutatingExtracting(start..<end)
                try read(index, at: start, into: &piece)
            } catch {
                failure.withLock { $0 = $0 ?? error }
            }
        }
        if let failure = failure.withLock({ $0 }) { throw failure }
        return TensorBytes(buffer: buffer, byteCount: byteCount)
    }
}
