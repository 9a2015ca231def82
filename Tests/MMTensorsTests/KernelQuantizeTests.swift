import CKernels
import MMTestSupport
import Testing

/// Goldens by gguf-py (encode) and ggml (encode-edge); see fixtures/quantizers.
@Suite struct KernelQuantizeTests {
    static let goldens = ["encode", "encode-edge"].flatMap { folder in
        Fixture.entries(of: "quantizers/\(folder)").filter { !$0.hasSuffix(".f32") }
    }

    @Test func goldensAreThere() {
        #expect(Self.goldens.count == 7 * 7 + 8 * 5)
    }

    @Test(arguments: goldens)
    func writesGoldenBytesOnEveryInstructionSet(_ path: String) throws {
        let parts = path.split(separator: ".")
        let type = try #require(KernelType(rawValue: String(parts.last ?? "")))
        let values = try Kernels.floats(parts.dropLast().joined(separator: ".") + ".f32")
        let expected = try Fixture.bytes(path)
        for isa in Kernels.instructionSets {
            #expect(Kernels.quantize(type, values, isa: isa) == expected, "\(isa)")
        }
    }

    /// Blocks whose largest magnitude occurs with both signs, of zeros of both signs, and with a scale whose inverse is
    /// infinite, among common ones; their number is not a multiple of what a kernel takes at a time.
    @Test func exceptionalBlocksAreThoseOfPlainC() {
        var values = Kernels.values(32 * 61, seed: 21, scale: 0.02)
        for block in stride(from: 0, to: 61, by: 3) {
            let start = block * 32
            switch block % 4 {
            case 0: (values[start + 5], values[start + 20]) = (block % 8 == 0 ? 1 : -1, block % 8 == 0 ? -1 : 1)
            case 1: for index in 0..<32 { values[start + index] = index % 3 == 0 ? -0.0 : 0 }
            case 2: for index in 0..<32 { values[start + index] = Float(index - 16) * 0x1p-137 }
            default: for index in 0..<32 { values[start + index] = 0.5 }
            }
        }
        for type in [KernelType.q40, .q41, .q50, .q51, .q80] {
            let blocks = Kernels.instructionSets.map { Kernels.quantize(type, values, isa: $0) }
            #expect(blocks.allSatisfy { $0 == blocks[0] }, "\(type)")
        }
    }

    @Test func roundsToHalfPrecisionAsTheLanguageDoes() {
        var values = Kernels.values(1000, seed: 5, scale: 1e-5) + Kernels.values(1000, seed: 6, scale: 3e4)
        values += [
            65519.996, 65520, -65520, .infinity, 0, -0.0, 0x1p-25, 0x1.000002p-25, 0x1p-24, 0x1.8p-24, 0x1.ffep-15,
        ]
        for isa in Kernels.instructionSets {
            let halves = Kernels.quantize(.f16, values, isa: isa)
            #expect(halves == values.flatMap { withUnsafeBytes(of: Float16($0).bitPattern.littleEndian, Array.init) })
        }
    }

    @Test func nansBecomeQuiet() {
        let nans = [Float(bitPattern: 0x7F80_0001), Float(bitPattern: 0xFFC1_2345)]
        let values = nans + [Float](repeating: 1, count: 20) + nans
        for isa in Kernels.instructionSets {
            let halves = Kernels.quantize(.f16, values, isa: isa)
            #expect(halves?.prefix(4) == [0x00, 0x7E, 0x00, 0xFE])
            #expect(halves?.suffix(4) == [0x00, 0x7E, 0x00, 0xFE])
            let brain = Kernels.quantize(.bf16, values, isa: isa)
            #expect(brain?.prefix(4) == [0xC0, 0x7F, 0xC1, 0xFF])
            #expect(brain?.suffix(4) == [0xC0, 0x7F, 0xC1, 0xFF])
        }
    }

    @Test func searchedBlocksAreTheSameOnEveryInstructionSetAndNeverWorse() throws {
        let inputs = try Self.goldens.filter { $0.hasSuffix(".Q4_0") }.map {
            try Kernels.floats($0.dropLast(5) + ".f32")
        }
        let all = inputs.flatMap(\.self)
        let values = Array(all.prefix(all.count / 256 * 256))
        for type in KernelType.allCases where mmk_can_quantize_searched(type.id) {
            let blocks = Kernels.instructionSets.map { Kernels.quantize(type, values, isa: $0, searched: true) }
            #expect(blocks.allSatisfy { $0 == blocks[0] }, "\(type)")
        }
        let typical = Kernels.values(4096, seed: 9, scale: 0.02)
        for type in [KernelType.q40, .q41, .q50, .q51, .q80] {
            let plain = try #require(Kernels.quantize(type, typical, isa: .scalar))
            let searched = try #require(Kernels.quantize(type, typical, isa: .scalar, searched: true))
            for start in stride(from: 0, to: typical.count, by: 32) {
                let block = start / 32 * type.blockBytes..<(start / 32 + 1) * type.blockBytes
                let original = typical[start..<start + 32]
                let before = Self.squaredError(original, Kernels.decode(type, Array(plain[block]), isa: .scalar))
                let after = Self.squaredError(original, Kernels.decode(type, Array(searched[block]), isa: .scalar))
                #expect(after <= before * 1.0001, "\(type) at \(start)")
            }
        }
    }

    /// Relative errors of ggml's own quantizers on the same distribution, rounded up; the search beats them.
    @Test(arguments: [
        (KernelType.q40, 0.086), (.q41, 0.073), (.q50, 0.043), (.q51, 0.036), (.q80, 0.0055), (.q4K, 0.074),
        (.q5K, 0.037), (.q6K, 0.0185), (.iq4NL, 0.078),
    ])
    func searchedErrorsAreSmall(_ type: KernelType, _ limit: Double) throws {
        let values = Kernels.values(8192, seed: 11, scale: 0.02)
        let isa = mmk_best_isa()
        let blocks = try #require(Kernels.quantize(type, values, isa: isa, searched: true))
        let error = Self.squaredError(values[...], Kernels.decode(type, blocks, isa: isa))
        let norm = Self.squaredError(values[...], [Float](repeating: 0, count: values.count))
        #expect((error / norm).squareRoot() < limit)
    }

    @Test func countsWhatIsNotFinite() {
        var values = Kernels.values(1001, seed: 13)
        #expect(mmk_count_nonfinite(values, values.count) == 0)
        values[0] = .nan
        values[17] = .infinity
        values[999] = -.infinity
        values[1000] = Float(bitPattern: 0x7F80_0001)
        values[500] = .greatestFiniteMagnitude
        #expect(mmk_count_nonfinite(values, values.count) == 4)
        #expect(mmk_count_nonfinite(values, 999) == 2)
    }

    @Test func refusesUnknownTypesAndPartialBlocks() {
        let values = [Float](repeating: 1, count: 256)
        var blocks = [UInt8](repeating: 7, count: 1024)
        #expect(!mmk_quantize(12, values, &blocks, 256))
        #expect(!mmk_quantize(2, values, &blocks, 48))
        #expect(!mmk_quantize_searched(0, values, &blocks, 256))
        #expect(!mmk_quantize_searched(12, values, &blocks, 128))
        #expect(blocks.allSatisfy { $0 == 7 })
    }

    private static func squaredError(_ values: ArraySlice<Float>, _ decoded: [Float]?) -> Double {
        guard let decoded, decoded.count == values.count else { return .infinity }
        return zip(values, decoded).reduce(0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
    }
}
