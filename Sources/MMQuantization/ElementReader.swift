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

    /// Elements decoded at a time: 16 KiB of f32 stays in the first-level cache with what is made of it.
    static let sliceElementCount = 4096

    /// Elements whose stored bytes are asked for at a time: 1 MiB of bf16, which a mapping pays for.
    static let windowElementCount = 1 << 19

    /// Stored bytes of the source, from the start of block `first`.
    private struct Blocks {
        let first: Int
        let bytes: TensorBytes
    }

    private var tensor: TensorDescriptor { source.tensors[index] }

    /// Calls `body` with the target's padded elements, slice by slice, and the number of the first; padding is zero.
    ///
    /// The range, like all slices but the last, is of whole blocks.
    func forEachSlice(of elements: Range<Int>, _ body: (_ slice: Span<Float>, _ first: Int) throws -> Void) throws {
        for start in stride(from: elements.lowerBound, to: elements.upperBound, by: Self.windowElementCount) {
            let window = start..<min(elements.upperBound, start + Self.windowElementCount)
            try withBlocks(of: window) { blocks in
                try scratch.withBuffer(capacity: Self.sliceElementCount * MemoryLayout<Float>.stride) { buffer in
                    for first in stride(from: window.lowerBound, to: window.upperBound, by: Self.sliceElementCount) {
                        var floats = buffer.mutableFloats(min(Self.sliceElementCount, window.upperBound - first))
                        fill(&floats, from: first, of: blocks)
                        try body(floats.span, first)
                    }
                }
            }
        }
    }

    /// The stored blocks that hold the target's elements of `window`.
    private func withBlocks(of window: Range<Int>, _ body: (Blocks) throws -> Void) throws {
        let block = tensor.type.block
        let first = sourceElement(window.lowerBound) / block.elementCount
        let end = sourceElement(window.upperBound).dividedRoundingUp(by: block.elementCount)
        let byteCount = (end - first) * block.byteCount
        try scratch.withBuffer(capacity: byteCount) { buffer in
            let offset = first * block.byteCount
            let bytes = try source.slice(index, at: offset, byteCount: byteCount, buffer: buffer)
            try body(Blocks(first: first, bytes: bytes))
        }
    }

    /// Where the target's padded element `element` lies in the source's own padded numbering; padding at its row's end.
    private func sourceElement(_ element: Int) -> Int {
        let (row, column) = element.quotientAndRemainder(dividingBy: target.paddedRowElementCount)
        return row * tensor.paddedRowElementCount + min(column, target.rowElementCount)
    }

    /// Fills `floats` with the target's padded elements from `start`.
    private func fill(_ floats: inout MutableSpan<Float>, from start: Int, of blocks: Blocks) {
        let paddedWidth = target.paddedRowElementCount
        let width = target.rowElementCount
        if paddedWidth == width, tensor.paddedRowElementCount == width {
            return decode(from: start, of: blocks, into: &floats)
        }
        var done = 0
        while done < floats.count {
            let (row, column) = (start + done).quotientAndRemainder(dividingBy: paddedWidth)
            let count = min(floats.count - done, paddedWidth - column)
            let logical = max(0, min(count, width - column))
            var part = floats._mutatingExtracting(done..<done + count)
            if logical > 0 {
                var elements = part._mutatingExtracting(0..<logical)
                decode(from: row * tensor.paddedRowElementCount + column, of: blocks, into: &elements)
            }
            for padding in logical..<count { part[padding] = 0 }
            done += count
        }
    }

    /// Elements of the source in its own padded numbering, through whole blocks of its type.
    private func decode(from start: Int, of blocks: Blocks, into floats: inout MutableSpan<Float>) {
        let block = tensor.type.block
        let firstBlock = start / block.elementCount
        let blockCount = (start + floats.count).dividedRoundingUp(by: block.elementCount) - firstBlock
        let lead = start - firstBlock * block.elementCount
        let offset = (firstBlock - blocks.first) * block.byteCount
        let bytes = blocks.bytes.bytes.extracting(offset..<offset + blockCount * block.byteCount)
        if lead == 0, blockCount * block.elementCount == floats.count {
            return tensor.type.decode(bytes, into: &floats)
        }
        scratch.withBuffer(capacity: blockCount * block.elementCount * MemoryLayout<Float>.stride) { wide in
            var whole = wide.mutableFloats(blockCount * block.elementCount)
            tensor.type.decode(bytes, into: &whole)
            for element in 0..<floats.count { floats[element] = whole[lead + element] }
        }
    }

    /// Infinite and NaN elements of the whole tensor, for the error that names it.
    func nonFiniteCount() throws -> Int {
        var total = 0
        try forEachSlice(of: 0..<target.rowCount * target.paddedRowElementCount) { floats, _ in
            total += BlockQuantizer.nonFiniteCount(floats)
        }
        return total
    }
}
