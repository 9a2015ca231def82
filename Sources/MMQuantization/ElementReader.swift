internal import MMBytes
internal import MMStorage
internal import MMTensors

/// Reads the elements of a source tensor as f32 in the padded layout of a target type.
struct ElementReader {
    let source: any TensorSource
    let index: Int
    /// The descriptor that the elements are read for: its rows are padded to its block.
    let target: TensorDescriptor
    let scratch: ScratchPool

    private var tensor: TensorDescriptor { source.tensors[index] }

    /// Fills `floats` with the target's padded elements from `start`; padding is zero.
    func read(_ start: Int, into floats: inout MutableSpan<Float>) throws {
        let paddedWidth = target.paddedRowElementCount
        let width = target.rowElementCount
        if paddedWidth == width, width % tensor.type.block.elementCount == 0 {
            try decode(from: start, into: &floats)
        } else {
            var done = 0
            while done < floats.count {
                let (row, column) = (start + done).quotientAndRemainder(dividingBy: paddedWidth)
                let count = min(floats.count - done, paddedWidth - column)
                let logical = max(0, min(count, width - column))
                var part = floats._mutatingExtracting(done..<done + count)
                try decodeRow(row, column: column, count: logical, into: &part)
                for padding in logical..<count { part[padding] = 0 }
                done += count
            }
        }
    }

    /// Elements `column ..< column + count` of a source row into the front of `floats`.
    private func decodeRow(_ row: Int, column: Int, count: Int, into floats: inout MutableSpan<Float>) throws {
        guard count > 0 else { return }
        let sourceStart = row * tensor.paddedRowElementCount + column
        var part = floats._mutatingExtracting(0..<count)
        try decode(from: sourceStart, into: &part)
    }

    /// Elements of the source in its own padded numbering, through whole blocks of its type.
    private func decode(from start: Int, into floats: inout MutableSpan<Float>) throws {
        let block = tensor.type.block
        let firstBlock = start / block.elementCount
        let blockCount = (start + floats.count).dividedRoundingUp(by: block.elementCount) - firstBlock
        let lead = start - firstBlock * block.elementCount
        let byteCount = blockCount * block.byteCount
        try scratch.withBuffer(capacity: byteCount) { buffer in
            var bytes = buffer.mutableBytes(byteCount)
            try source.read(index, at: firstBlock * block.byteCount, into: &bytes)
            if lead == 0, blockCount * block.elementCount == floats.count {
                tensor.type.decode(bytes.bytes, into: &floats)
                return
            }
            scratch.withBuffer(capacity: blockCount * block.elementCount * MemoryLayout<Float>.stride) { wide in
                var whole = wide.mutableFloats(blockCount * block.elementCount)
                tensor.type.decode(bytes.bytes, into: &whole)
                for element in 0..<floats.count { floats[element] = whole[lead + element] }
            }
        }
    }

    /// Infinite and NaN elements of the whole tensor, for the error that names it.
    func nonFiniteCount() throws -> Int {
        let block = tensor.type.block
        let blocksAtATime = max(1, QuantizedSource.sliceElementCount / block.elementCount)
        let blockCount = tensor.byteCount / block.byteCount
        var total = 0
        for first in stride(from: 0, to: blockCount, by: blocksAtATime) {
            let count = min(blocksAtATime, blockCount - first) * block.elementCount
            try scratch.withBuffer(capacity: count * MemoryLayout<Float>.stride) { buffer in
                var floats = buffer.mutableFloats(count)
                try decode(from: first * block.elementCount, into: &floats)
                total += BlockQuantizer.nonFiniteCount(floats.span)
            }
        }
        return total
    }
}
