/// A range of a tensor's logical bytes as pieces of its chunks.
struct ChunkPieces {
    /// The number of the tensor's first chunk, over all parts.
    let firstNumber: Int
    /// Logical bytes of every chunk but the tensor's last.
    let chunkByteCount: Int
    /// Inside the tensor.
    let bytes: Range<Int>

    var isEmpty: Bool { bytes.isEmpty }
    var byteCount: Int { bytes.count }

    var count: Int { isEmpty ? 0 : (bytes.upperBound - 1) / chunkByteCount - firstChunk + 1 }

    private var firstChunk: Int { bytes.lowerBound / chunkByteCount }

    /// The number, over all parts, of the chunk that has piece `index`.
    func number(_ index: Int) -> Int { firstNumber + firstChunk + index }

    /// The logical bytes of its chunk that piece `index` is.
    func range(_ index: Int) -> Range<Int> {
        let start = (firstChunk + index) * chunkByteCount
        return max(bytes.lowerBound - start, 0)..<min(bytes.upperBound - start, chunkByteCount)
    }

    /// Where piece `index` goes, from the start of the range.
    func destination(_ index: Int) -> Range<Int> {
        let start = (firstChunk + index) * chunkByteCount - bytes.lowerBound
        let inside = range(index)
        return start + inside.lowerBound..<start + inside.upperBound
    }
}
