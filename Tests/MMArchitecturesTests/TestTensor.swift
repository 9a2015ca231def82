import MMBytes
import MMTensors
import Testing

enum TestTensor {
    static func descriptor(_ name: String, _ type: ElementType, _ dimensions: [Int]) throws -> TensorDescriptor {
        let shape = try #require(Shape(dimensions))
        return try #require(TensorDescriptor(name: ByteString(name), type: type, shape: shape))
    }

    /// Bytes of a multiplicative generator: the same for the same seed, a beginning of the longer for the shorter.
    static func noise(_ count: Int, seed: Int) -> [UInt8] {
        var state = UInt64(truncatingIfNeeded: seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        var words = [UInt64](repeating: 0, count: count / 8 + 1)
        for index in words.indices {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            words[index] = state ^ state >> 29
        }
        return words.withUnsafeBytes { Array($0.prefix(count)) }
    }

    /// Bytes of f32 numbers.
    static func bytes(_ numbers: [Float]) -> [UInt8] {
        numbers.flatMap { number in (0..<4).map { UInt8(truncatingIfNeeded: number.bitPattern >> ($0 * 8)) } }
    }

    /// Units of `unit` bytes in the order that GGML's rotary embedding wants, by its definition:
    /// `reshape(heads, 2, n).swapaxes(1, 2)`.
    static func ropePermuted(_ bytes: [UInt8], unit: Int, heads: Int) -> [UInt8] {
        let half = bytes.count / unit / heads / 2
        var permuted: [UInt8] = []
        permuted.reserveCapacity(bytes.count)
        for head in 0..<heads {
            for pair in 0..<half {
                for side in 0..<2 {
                    let row = (head * 2 + side) * half + pair
                    permuted += bytes[row * unit..<(row + 1) * unit]
                }
            }
        }
        return permuted
    }

    /// Tensor `index` read in pieces of `byteCount`.
    static func read(_ index: Int, of source: some TensorSource, inPieces byteCount: Int) throws -> [UInt8] {
        let total = source.tensors[index].byteCount
        var result: [UInt8] = []
        for start in stride(from: 0, to: total, by: byteCount) {
            var piece = [UInt8](repeating: 0xAA, count: min(byteCount, total - start))
            var span = piece.mutableSpan
            var raw = span.mutableBytes
            try source.read(index, at: start, into: &raw)
            result += piece
        }
        return result
    }
}
