import CKernels
import MMCodecs
import MMTestSupport
import Testing

/// Codec 2 against vectors that the encoder of formats/python made (fixtures/codecs), and against itself.
@Suite struct RansTests {
    struct Golden: Sendable, CustomTestStringConvertible {
        let name: String
        let layout: RansLayout

        var testDescription: String { name }

        func bytes(_ kind: String) throws -> [UInt8] { try Fixture.bytes("codecs/\(name).\(kind)") }
    }

    static let goldens: [Golden] = [
        Golden(name: "BF16", layout: .bf16), Golden(name: "F16", layout: .f16), Golden(name: "F32", layout: .f32),
        Golden(name: "Q4_0", layout: .q4x0), Golden(name: "IQ4_NL", layout: .q4x0), Golden(name: "Q4_1", layout: .q4x1),
        Golden(name: "Q5_0", layout: .q5x0), Golden(name: "Q5_1", layout: .q5x1), Golden(name: "Q8_0", layout: .q8x0),
        Golden(name: "Q4_K", layout: .q4xK), Golden(name: "Q5_K", layout: .q5xK), Golden(name: "Q6_K", layout: .q6xK),
    ]

    static func encode(_ bytes: [UInt8], _ layout: RansLayout) throws -> [UInt8]? {
        var output = [UInt8](repeating: 0xAA, count: bytes.count)
        var span = output.mutableSpan
        var raw = span.mutableBytes
        guard let count = try RansEncoder().encode(bytes.span.bytes, layout: layout, into: &raw) else { return nil }
        return Array(output.prefix(count))
    }

    static func decode(_ stored: [UInt8], _ layout: RansLayout, byteCount: Int) throws -> [UInt8] {
        var output = [UInt8](repeating: 0xAA, count: byteCount)
        var span = output.mutableSpan
        var raw = span.mutableBytes
        try RansDecoder().decode(stored.span.bytes, layout: layout, into: &raw)
        return output
    }

    @Test(arguments: goldens) func decodesGoldens(_ golden: Golden) throws {
        let logical = try golden.bytes("logical")
        let stored = try golden.bytes("stored")
        #expect(try Self.decode(stored, golden.layout, byteCount: logical.count) == logical)
        // The fields say how to decode: another layout's do not fit.
        for other in RansLayout.allCases where other != golden.layout && logical.count % other.unitByteCount == 0 {
            #expect(throws: CodecError.self) { try Self.decode(stored, other, byteCount: logical.count) }
        }
    }

    @Test(arguments: goldens) func everyInstructionSetCodesAndDecodesGoldens(_ golden: Golden) throws {
        let logical = try golden.bytes("logical")
        let stored = try golden.bytes("stored")
        let chunk = try KernelChunk(stored: stored, layout: golden.layout, byteCount: logical.count)
        for variant in KernelChunk.variants {
            #expect(KernelChunk.code(logical, golden.layout, variant: variant) == chunk.coded)
            #expect(chunk.join(variant: variant) == logical)
        }
    }

    @Test(arguments: goldens) func givesEverySizeBack(_ golden: Golden) throws {
        let logical = try golden.bytes("logical")
        let unit = golden.layout.unitByteCount
        let most = 262_144 / unit
        for count in [1, 2, 3, 31, 127, 128, 129, 255, 257, 1_000, 4_095, 4_097, most - 1, most] where count <= most {
            let whole = count * unit / logical.count + 1
            let bytes = Array(repeatElement(logical, count: whole).joined().prefix(count * unit))
            guard let stored = try Self.encode(bytes, golden.layout) else { continue }
            #expect(stored.count < bytes.count)
            #expect(try Self.decode(stored, golden.layout, byteCount: bytes.count) == bytes, "\(count)")
        }
        let full = Array(repeatElement(logical, count: 262_144 / logical.count + 1).joined().prefix(most * unit))
        #expect(try #require(try Self.encode(full, golden.layout)).count < full.count * 97 / 100)
    }

    @Test(arguments: RansLayout.allCases) func neverGrows(_ layout: RansLayout) throws {
        var noise = Noise(state: UInt64(layout.rawValue))
        let unit = layout.unitByteCount
        let count = 32_768 / unit
        let random = (0..<count * unit).map { _ in UInt8(truncatingIfNeeded: noise.next() >> 32) }
        for bytes in [
            random, [UInt8](repeating: 0, count: count * unit), [UInt8](repeating: 0xFF, count: count * unit),
            // All NaN in every float, and all subnormal.
            (0..<count * unit).map { $0 % 2 == 1 ? 0x7F : 0xC1 },
            (0..<count * unit).map { $0 % unit == 0 ? random[$0] : 0 },
        ] {
            guard let stored = try Self.encode(bytes, layout) else { continue }
            #expect(stored.count < bytes.count)
            #expect(try Self.decode(stored, layout, byteCount: bytes.count) == bytes)
        }
        #expect(try Self.encode([], layout) == nil)
        // A float's exponent hardly varies where the bits are random in nothing else; blocks of noise have nothing to gain.
        if layout.rawValue > 3 { #expect(try Self.encode(random, layout) == nil) }
    }

    @Test(arguments: goldens) func rejectsEveryTruncationAndSurvivesEveryChange(_ golden: Golden) throws {
        let logical = try golden.bytes("logical")
        let stored = try golden.bytes("stored")
        let decoder = try RansDecoder()
        func decode(_ bytes: [UInt8]) throws -> [UInt8] {
            var output = [UInt8](repeating: 0, count: logical.count)
            var span = output.mutableSpan
            var raw = span.mutableBytes
            try decoder.decode(bytes.span.bytes, layout: golden.layout, into: &raw)
            return output
        }
        for count in stride(from: 0, to: stored.count, by: 61) {
            #expect(throws: CodecError.self) { try decode(Array(stored.prefix(count))) }
        }
        #expect(throws: CodecError.self) { try decode(stored + [0]) }
        // Slots and values of symbols that never occur may change unseen; the digest of the chunk sees them.
        let start = 8 + 4 * golden.layout.planeCount
        let chunk = try KernelChunk(stored: stored, layout: golden.layout, byteCount: logical.count)
        let coded = start..<start + chunk.coded.count
        var noise = Noise(state: 11)
        var refused = 0
        for _ in 0..<120 {
            var changed = stored
            let place = Int(noise.next() % UInt64(stored.count))
            changed[place] ^= UInt8(1 << (noise.next() % 8))
            // A change is found, or shows in the units.
            if let units = try? decode(changed) {
                #expect(units != logical || coded.contains(place), "byte \(place)")
            } else {
                refused += 1
            }
        }
        #expect(refused > 10)
    }

    @Test func refusesTablesAndStatesThatNoCoderMakes() throws {
        let golden = Self.goldens[0]
        let logical = try golden.bytes("logical")
        let stored = try golden.bytes("stored")
        // Header 12, number of escapes 4, table 16, values 15, low states 128, high states 128.
        func refuses(_ change: (inout [UInt8]) -> Void) -> Bool {
            var changed = stored
            change(&changed)
            return (try? Self.decode(changed, .bf16, byteCount: logical.count)) == nil
        }
        // All slots are symbol 0's.
        #expect(refuses { for column in 16..<32 { $0[column] = 0 } })
        // A state below 256.
        #expect(refuses { $0[12 + 4 + 31 + 128] = 0 })
        // More escapes than bytes, one too many and one too few.
        #expect(refuses { $0[15] = 0xFF })
        #expect(refuses { $0[12] += 1 })
        #expect(refuses { $0[12] -= 1 })
        #expect(!refuses { _ in })
    }
}
