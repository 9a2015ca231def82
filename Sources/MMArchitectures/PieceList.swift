internal import MMTensors

/// Consecutive bytes of a tensor of a source.
struct TensorPiece: Sendable, Hashable {
    let sourceIndex: Int
    /// Bytes into the tensor.
    let offset: Int
    let byteCount: Int
}

/// A tensor that is put together from pieces of others, one after another.
struct PieceList: Sendable, Hashable {
    let pieces: [TensorPiece]
    /// Where each piece begins, and the end of the last.
    private let starts: [Int]

    /// Pieces without bytes are left out. The sum of the sizes fits: they are pieces of tensors of one source.
    init(_ pieces: [TensorPiece]) {
        self.pieces = pieces.filter { $0.byteCount > 0 }
        starts = self.pieces.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.byteCount) }
    }

    /// Fills `destination` from byte `offset`; the range lies inside.
    func read(from source: any TensorSource, at offset: Int, into destination: inout MutableRawSpan) throws {
        var index = piece(at: offset)
        var done = 0
        while done < destination.byteCount {
            let piece = pieces[index]
            let start = offset + done - starts[index]
            let count = min(destination.byteCount - done, piece.byteCount - start)
            var part = destination._mutatingExtracting(done..<done + count)
            try source.read(piece.sourceIndex, at: piece.offset + start, into: &part)
            done += count
            index += 1
        }
    }

    /// The last piece that does not begin behind `offset`.
    private func piece(at offset: Int) -> Int {
        var (low, high) = (0, max(pieces.count, 1))
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle } else { high = middle }
        }
        return low
    }
}
