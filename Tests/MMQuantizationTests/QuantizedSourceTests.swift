import MMArchitectures
import MMBytes
import MMQuantization
import MMTensors
import MMTestSupport
import Testing

@Suite struct QuantizedSourceTests {
    private static func matrix(_ name: String, rows: Int, columns: Int, seed: UInt64 = 1) throws -> MemorySource.Entry {
        try #require(
            MemorySource.Entry(name, .f32, [rows, columns], bytes: Self.bytes(count: rows * columns, seed: seed))
        )
    }

    /// Pseudo-random f32 in -1 ..< 1 from a linear congruential generator (Knuth, MMIX).
    private static func values(count: Int, seed: UInt64) -> [Float] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(Int32(truncatingIfNeeded: state >> 32)) / Float(1 << 31)
        }
    }

    private static func bytes(count: Int, seed: UInt64) -> [UInt8] {
        values(count: count, seed: seed).flatMap { value in
            (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
        }
    }

    private static func read(_ source: any TensorSource, _ index: Int, at offset: Int, count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0xAA, count: count)
        var span = bytes.mutableSpan
        var raw = unsafe span.mutableBytes
        try source.read(index, at: offset, into: &raw)
        return bytes
    }

    private static func quantized(
        _ entries: [MemorySource.Entry],
        recipe: String,
        role: TensorRole = .linear
    ) throws -> QuantizedSource {
        try QuantizedSource(
            MemorySource(entries),
            roles: entries.map { _ in role },
            components: entries.map { _ in .text },
            recipe: try QuantizationRecipe.named(recipe)
        )
    }

    @Test(arguments: ["q4_0", "q4_1", "q5_0", "q5_1", "q8_0", "q4", "q5", "q8"])
    func givesTheSameBytesInSlicesOfAnySize(recipe: String) throws {
        let source = try Self.quantized([try Self.matrix("w", rows: 7, columns: 100)], recipe: recipe)
        let tensor = source.tensors[0]
        let whole = try Self.read(source, 0, at: 0, count: tensor.byteCount)
        let block = tensor.type.block.byteCount
        for step in [1, 3, 5] {
            var parts: [UInt8] = []
            for start in stride(from: 0, to: tensor.byteCount, by: step * block) {
                parts += try Self.read(source, 0, at: start, count: min(step * block, tensor.byteCount - start))
            }
            #expect(parts == whole)
        }
    }

    @Test func padsRowsWithZeros() throws {
        let source = try Self.quantized([try Self.matrix("w", rows: 2, columns: 40)], recipe: "q8_0")
        #expect(source.tensors[0].rowByteCount == 2 * 34)
        #expect(source.tensors[0].shape.dimensions == [2, 40])
        let bytes = try Self.read(source, 0, at: 0, count: source.tensors[0].byteCount)
        // The second block of a row holds 8 elements of the row and 24 of padding.
        #expect(bytes[34 + 2 + 8..<68].allSatisfy { $0 == 0 })
        #expect(!bytes[34 + 2..<34 + 2 + 8].allSatisfy { $0 == 0 })
    }

    @Test func copiesWhatHasTheWantedType() throws {
        let first = try Self.quantized([try Self.matrix("w", rows: 4, columns: 64)], recipe: "q8_0")
        let bytes = try Self.read(first, 0, at: 0, count: first.tensors[0].byteCount)
        let entry = try #require(MemorySource.Entry("w", .q8_0, [4, 64], bytes: bytes))
        let second = try Self.quantized([entry], recipe: "q8_0")
        #expect(second.treatments == [.copy])
        #expect(try Self.read(second, 0, at: 0, count: bytes.count) == bytes)
    }

    @Test func saysThatAQuantizedSourceIsRequantized() throws {
        let first = try Self.quantized([try Self.matrix("w", rows: 4, columns: 64)], recipe: "q8_0")
        let bytes = try Self.read(first, 0, at: 0, count: first.tensors[0].byteCount)
        let entry = try #require(MemorySource.Entry("w", .q8_0, [4, 64], bytes: bytes))
        let recipe = try QuantizationRecipe.named("q4_0")
        let second = try Self.quantized([entry], recipe: "q4_0")
        #expect(QuantizationReport(second, recipe: recipe).requantizedCount == 1)
        #expect(try Self.read(second, 0, at: 0, count: second.tensors[0].byteCount).count == 4 * 36)
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func namesTheTensorAndTheCountOfNonFiniteWeights(bad: Float) throws {
        var entry = try Self.matrix("layers.3.down", rows: 3, columns: 64)
        for element in [5, 70, 130] {
            for byte in 0..<4 {
                entry.bytes[element * 4 + byte] = UInt8(truncatingIfNeeded: bad.bitPattern >> (8 * byte))
            }
        }
        let source = try Self.quantized([entry], recipe: "q4_0")
        let error = #expect(throws: QuantizationError.self) { try Self.read(source, 0, at: 0, count: 18) }
        #expect(error?.reason == .nonFinite(count: 3))
        #expect(error?.subject == "layers.3.down")
    }

    @Test func refusesWeightsBeyondTheScale() throws {
        var entry = try Self.matrix("w", rows: 1, columns: 32)
        let bits = Float(1e9).bitPattern
        for byte in 0..<4 { entry.bytes[byte] = UInt8(truncatingIfNeeded: bits >> (8 * byte)) }
        let source = try Self.quantized([entry], recipe: "q4_0")
        let error = #expect(throws: QuantizationError.self) { try Self.read(source, 0, at: 0, count: 18) }
        #expect(error?.reason == .scaleOverflow(type: "Q4_0"))
    }

    @Test(arguments: [TensorRole.norm, .bias, .router, .unknown, .vector])
    func refusesWhenNoRoleIsQuantized(role: TensorRole) throws {
        let entry = try Self.matrix("w", rows: 4, columns: 64)
        #expect(throws: QuantizationError.self) { try Self.quantized([entry], recipe: "q4", role: role) }
    }

    @Test func keepsEmbeddingAndHeadAtEightBits() throws {
        let entries = [
            try Self.matrix("embed", rows: 4, columns: 64), try Self.matrix("linear", rows: 4, columns: 64),
            try Self.matrix("norm", rows: 4, columns: 64),
        ]
        let source = try QuantizedSource(
            MemorySource(entries),
            roles: [.embed, .linear, .norm],
            components: [.text, .text, .text],
            recipe: try QuantizationRecipe.named("q4")
        )
        #expect(source.tensors[0].type == .q8_0)
        #expect(source.tensors[1].type == .iq4_NL)
        #expect(source.tensors[2].type == .f32)
    }

    @Test(arguments: [("q4", "q4_0"), ("q5", "q5_0"), ("q8", "q8_0")])
    func searchedBlocksAreNoWorseThanReferenceOnes(recipe: String, referenceRecipe: String) throws {
        let entry = try Self.matrix("w", rows: 16, columns: 256)
        let searched = try Self.quantized([entry], recipe: recipe)
        let reference = try Self.quantized([entry], recipe: referenceRecipe)
        #expect(try Self.squaredError(searched, entry) <= Self.squaredError(reference, entry))
    }

    private static func squaredError(_ source: QuantizedSource, _ entry: MemorySource.Entry) throws -> Double {
        let bytes = try read(source, 0, at: 0, count: source.tensors[0].byteCount)
        var decoded = [Float](repeating: 0, count: source.tensors[0].shape.elementCount)
        var span = decoded.mutableSpan
        source.tensors[0].type.decode(bytes.span.bytes, into: &span)
        var original = decoded
        var originalSpan = original.mutableSpan
        ElementType.f32.decode(entry.bytes.span.bytes, into: &originalSpan)
        return zip(decoded, original).reduce(0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
    }

    @Test func castsToPlainTypes() throws {
        let entry = try Self.matrix("w", rows: 3, columns: 5)
        let source = try QuantizedSource(MemorySource([entry]), cast: .bf16)
        #expect(source.tensors[0].byteCount == 30)
        let same = try QuantizedSource(MemorySource([entry]), cast: .f32)
        #expect(same.treatments == [.copy])
    }

    @Test func unknownRecipeListsTheKnownOnes() {
        let error = #expect(throws: QuantizationError.self) { try QuantizationRecipe.named("q3") }
        #expect(error?.category == .usage)
        #expect(error?.description.contains("q8, q5, q4, q8_0") == true)
    }
}
