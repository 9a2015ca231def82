import CKernels
import MMTestSupport
import Testing

/// Goldens by gguf-py; see fixtures/quantizers.
@Suite struct KernelDecodeTests {
    static let goldens = Fixture.entries(of: "quantizers/decode", suffix: ".blocks")

    @Test func everyBlockTypeHasAGolden() {
        let named = Set(
            Self.goldens.compactMap { KernelType(rawValue: String($0.split(separator: "/").last?.dropLast(7) ?? "")) }
        )
        #expect(named == Set(KernelType.allCases).subtracting([.f32, .f64]))
    }

    @Test(arguments: goldens)
    func decodesGoldenBlocksBitForBitOnEveryInstructionSet(_ path: String) throws {
        let stem = path.dropLast(".blocks".count)
        let type = try #require(KernelType(rawValue: String(stem.split(separator: "/").last ?? "")))
        let blocks = try Fixture.bytes(path)
        let expected = try Kernels.floats(stem + ".f32")
        for isa in Kernels.instructionSets {
            #expect(Kernels.decode(type, blocks, isa: isa)?.bits == expected.bits, "\(isa)")
        }
    }

    @Test func plainTypesDecodeToTheirValues() throws {
        let values = Kernels.values(77, seed: 3)
        let doubles = values.map { Double($0) / 3 }
        for isa in Kernels.instructionSets {
            var decoded = [Float](repeating: 0, count: 77)
            #expect(mmk_decode_isa(isa, KernelType.f64.id, doubles, &decoded, 77))
            #expect(decoded.bits == doubles.map(Float.init).bits)
            #expect(mmk_decode_isa(isa, KernelType.f32.id, values, &decoded, 77))
            #expect(decoded.bits == values.bits)
        }
    }

    @Test func everyHalfDecodesAsTheLanguageDoes() {
        let halves = (0...UInt16.max).map { $0 }
        var decoded = [Float](repeating: 0, count: halves.count)
        for isa in Kernels.instructionSets {
            #expect(mmk_decode_isa(isa, KernelType.f16.id, halves, &decoded, halves.count))
            for (half, value) in zip(halves, decoded) {
                let magnitude = half & 0x7FFF
                // NaNs: the payload moves up and the quiet bit is set.
                let expected =
                    magnitude > 0x7C00
                    ? UInt32(half & 0x8000) << 16 | 0x7FC0_0000 | UInt32(magnitude & 0x3FF) << 13
                    : Float(Float16(bitPattern: half)).bitPattern
                #expect(value.bitPattern == expected)
            }
        }
    }

    @Test func anyBytesAreABlock() {
        for type in KernelType.allCases where type.isQuantized {
            for fill in [UInt8(0), 0x55, 0x7F, 0x80, 0xFF] {
                let blocks = [UInt8](repeating: fill, count: 3 * type.blockBytes)
                let decoded = Kernels.instructionSets.map { Kernels.decode(type, blocks, isa: $0) }
                for values in decoded {
                    // Which NaN comes out is not promised.
                    #expect(values?.map { $0.isNaN } == decoded[0]?.map { $0.isNaN })
                    #expect(values?.filter { !$0.isNaN }.bits == decoded[0]?.filter { !$0.isNaN }.bits)
                }
            }
        }
    }

    @Test func refusesUnknownTypesAndPartialBlocks() {
        var values = [Float](repeating: 0, count: 512)
        let blocks = [UInt8](repeating: 0, count: 512)
        for type in [UInt32(4), 5, 9, 15, 16, 24, 31, 36, 40, 41, 1000, .max] {
            #expect(!mmk_can_decode(type))
            #expect(mmk_block_elements(type) == 0)
            #expect(!mmk_decode(type, blocks, &values, 256))
        }
        for type in KernelType.allCases where type.isQuantized {
            #expect(!mmk_decode(type.id, blocks, &values, type.blockElements - 1))
            #expect(!mmk_decode(type.id, blocks, &values, type.blockElements + 16))
        }
        #expect(values.allSatisfy { $0 == 0 })
    }
}
