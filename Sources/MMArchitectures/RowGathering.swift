internal import MMStorage
internal import MMTensors

/// Reads a range of bytes of a tensor whose rows are in another order in the source.
struct RowGathering {
    let source: any TensorSource
    let index: Int
    let permutation: RowPermutation
    let rowByteCount: Int
    let scratch: ScratchPool

    /// Most bytes that are read at once to pick rows from: a head of 128 rows of 16,384 bf16.
    static let windowByteCount = 4 << 20
    /// Rows of this size are read one by one: a call costs less than copying them once more.
    static let longRowByteCount = 64 << 10

    func read(at offset: Int, into destination: inout MutableRawSpan) throws {
        var done = 0
        while done < destination.byteCount {
            let (row, column) = (offset + done).quotientAndRemainder(dividingBy: rowByteCount)
            let remaining = destination.byteCount - done
            if column > 0 || remaining < rowByteCount {
                let count = min(remaining, rowByteCount - column)
                try readPiece(row: row, column: column, into: &destination, at: done, byteCount: count)
                done += count
            } else {
                let rows = window(from: row, count: remaining / rowByteCount)
                try readRows(rows, into: &destination, at: done)
                done += rows.count * rowByteCount
            }
        }
    }

    /// As many rows of one head as come out of one reading.
    private func window(from row: Int, count: Int) -> Range<Int> {
        let headEnd = (row / permutation.rowsPerHead + 1) * permutation.rowsPerHead
        let end = min(row + count, headEnd)
        let fitting = max(1, Self.windowByteCount / rowByteCount)
        if permutation.enclosing(row..<end).count <= fitting { return row..<end }
        // Rows of one half lie two apart.
        return row..<min(end, row + max(1, (fitting + 1) / 2))
    }

    private func readRows(_ rows: Range<Int>, into destination: inout MutableRawSpan, at place: Int) throws {
        let enclosing = permutation.enclosing(rows)
        let byteCount = enclosing.count * rowByteCount
        // Reading what lies between is cheaper than a call a row up to some three times the bytes.
        guard rows.count > 1, enclosing.count <= rows.count * 3, byteCount <= Self.windowByteCount,
            rowByteCount < Self.longRowByteCount
        else {
            for (number, row) in rows.enumerated() {
                let start = place + number * rowByteCount
                try readPiece(row: row, column: 0, into: &destination, at: start, byteCount: rowByteCount)
            }
            return
        }
        try scratch.withBuffer(capacity: byteCount) { buffer in
            var bytes = buffer.mutableBytes(byteCount)
            try source.read(index, at: enclosing.lowerBound * rowByteCount, into: &bytes)
            // Each row lies in `enclosing`, which the buffer holds whole; the destination has room for all of `rows`.
            unsafe destination.withUnsafeMutableBytes { output in
                for (number, row) in rows.enumerated() {
                    let from = (permutation.sourceRow(row) - enclosing.lowerBound) * rowByteCount
                    let taken = unsafe UnsafeRawBufferPointer(start: buffer.pointer + from, count: rowByteCount)
                    let start = place + number * rowByteCount
                    unsafe UnsafeMutableRawBufferPointer(rebasing: output[start..<start + rowByteCount])
                        .copyMemory(from: taken)
                }
            }
        }
    }

    private func readPiece(
        row: Int,
        column: Int,
        into destination: inout MutableRawSpan,
        at place: Int,
        byteCount: Int
    ) throws {
        var piece = destination._mutatingExtracting(place..<place + byteCount)
        try source.read(index, at: permutation.sourceRow(row) * rowByteCount + column, into: &piece)
    }
}
