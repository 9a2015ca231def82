import CKernels
import MMCodecs
import Testing

@Suite struct ZHuffTests {
    /// Floats of 16, 32 or 64 bits around zero, as bytes.
    private static func weights(_ split: PlaneSplit, count: Int) -> [UInt8] {
        var noise = Noise()
        var bytes: [UInt8] = []
        for _ in 0..<count {
            let value = (0..<6).reduce(0.0) { sum, _ in sum + Double.random(in: -0.01...0.01, using: &noise) }
            let bits: UInt64 =
                switch split {
                case .words16: UInt64(Float(value).bitPattern >> 16)
                case .words32: UInt64(Float(value).bitPattern)
                case .words64: value.bitPattern
                }
            for byte in 0..<split.planeCount { bytes.append(UInt8(truncatingIfNeeded: bits >> UInt64(8 * byte))) }
        }
        return bytes
    }

    private static func encode(_ bytes: [UInt8], _ split: PlaneSplit) throws -> [UInt8]? {
        var output = [UInt8](repeating: 0xAA, count: bytes.count)
        var span = output.mutableSpan
        var raw = span.mutableBytes
        guard let count = try ZHuffEncoder().encode(bytes.span.bytes, split: split, into: &raw) else { return nil }
        return Array(output.prefix(count))
    }

    private static func decode(_ stored: [UInt8], _ split: PlaneSplit, byteCount: Int) throws -> [UInt8] {
        var output = [UInt8](repeating: 0xAA, count: byteCount)
        var span = output.mutableSpan
        var raw = span.mutableBytes
        try ZHuffDecoder().decode(stored.span.bytes, split: split, into: &raw)
        return output
    }

    @Test(arguments: PlaneSplit.allCases)
    func givesWeightsBackAndSaves(_ split: PlaneSplit) throws {
        for count in [1_000, 4_097, 16_384, 262_144 / split.planeCount] {
            let bytes = Self.weights(split, count: count)
            let stored = try #require(try Self.encode(bytes, split))
            #expect(Double(stored.count) < Double(bytes.count) * (split == .words16 ? 0.75 : 0.95))
            #expect(try Self.decode(stored, split, byteCount: bytes.count) == bytes)
        }
    }

    @Test func leavesNoiseAlone() throws {
        var noise = Noise()
        let bytes = (0..<65_536).map { _ in UInt8.random(in: 0...255, using: &noise) }
        for split in PlaneSplit.allCases { #expect(try Self.encode(bytes, split) == nil) }
        #expect(try Self.encode([], .words16) == nil)
        #expect(try Self.encode([1, 2], .words16) == nil)
    }

    @Test func refusesDamagedChunks() throws {
        let bytes = Self.weights(.words16, count: 2_000)
        let stored = try #require(try Self.encode(bytes, .words16))
        for count in 0..<min(stored.count, 300) {
            #expect(throws: CodecError.self) { try Self.decode(Array(stored[..<count]), .words16, byteCount: 4_000) }
        }
        #expect(throws: CodecError.self) { try Self.decode(stored + [0], .words16, byteCount: 4_000) }
        #expect(throws: CodecError.self) { try Self.decode(stored, .words32, byteCount: 4_000) }
        for byteCount in [0, 2, 3_998, 4_002, 4_001, 262_144, 262_146] {
            #expect(throws: CodecError.self) { try Self.decode(stored, .words16, byteCount: byteCount) }
        }
        var noise = Noise()
        for _ in 0..<2_000 {
            var damaged = stored
            for _ in 0..<3 {
                damaged[Int.random(in: 0..<damaged.count, using: &noise)] = UInt8.random(in: 0...255, using: &noise)
            }
            // No checksum in the chunk: either an error or other bytes of the right length, never a crash.
            _ = try? Self.decode(damaged, .words16, byteCount: 4_000)
        }
    }

    @Test func planesAgreeWithTheirPlainStatement() {
        var noise = Noise()
        let bytes = (0..<8 * 300).map { _ in UInt8.random(in: 0...255, using: &noise) }
        for width in [2, 4, 8] {
            for count in Array(0..<140) + [255, 256, 257, 300] {
                var fast = [UInt8](repeating: 0, count: width * count + 1)
                var plain = fast
                mmk_planes_split(bytes, count, CUnsignedInt(width), &fast)
                mmk_planes_split_portable(bytes, count, CUnsignedInt(width), &plain)
                #expect(fast == plain)
                var merged = [UInt8](repeating: 0, count: width * count + 1)
                var mergedPlain = merged
                fast.withUnsafeBufferPointer { buffer in
                    let planes = (0..<width).map { plane in buffer.baseAddress.map { $0 + plane * count } }
                    mmk_planes_merge(planes, count, CUnsignedInt(width), &merged)
                    mmk_planes_merge_portable(planes, count, CUnsignedInt(width), &mergedPlain)
                }
                #expect(merged == Array(bytes[..<(width * count)]) + [0])
                #expect(mergedPlain == merged)
            }
        }
    }
}
