import MMArchitectures
import MMBytes
import MMTensors
import Testing

@Suite struct PermutationTests {
    @Test(arguments: [ElementType.f32, .bf16, .q8_0, .q4_1], [1, 2, 3, 7, 1000])
    func ggufEqualsHuggingFaceAtEverySlabSize(type: ElementType, blocks: Int) throws {
        let tiny = TinyLlama(type: type, width: type.isQuantized ? 64 : 8)
        let expected = try MappedSource.resolve(try tiny.huggingFace())
        let found = try MappedSource.resolve(try tiny.gguf())
        #expect(found.tensors == expected.tensors)
        for index in found.tensors.indices {
            let piece = blocks * type.block.byteCount
            let whole = try TestTensor.read(index, of: expected, inPieces: max(1, expected.tensors[index].byteCount))
            #expect(try TestTensor.read(index, of: found, inPieces: piece) == whole, "\(found.tensors[index].name)")
            let loaded = try found.load(index)
            #expect(loaded.bytes.withUnsafeBytes { Array($0) } == whole)
        }
    }

    @Test func biasesAreReorderedToo() throws {
        let tiny = TinyLlama(hasBiases: true)
        let expected = try MappedSource.resolve(try tiny.huggingFace())
        let found = try MappedSource.resolve(try tiny.gguf())
        for index in found.tensors.indices {
            let whole = try TestTensor.read(index, of: expected, inPieces: max(1, expected.tensors[index].byteCount))
            for piece in [4, 12, 28, 4096] {
                #expect(try TestTensor.read(index, of: found, inPieces: piece) == whole)
            }
        }
    }

    private static let keyName = "blk.0.attn_k.weight"

    /// A GGUF llama with only the first layer's keys in memory, mapped; the index of the keys; their own order.
    private static func keys(_ tiny: TinyLlama) throws -> (CountingSource, MappedSource, index: Int, expected: [UInt8])
    {
        let source = try tiny.gguf(only: keyName)
        let mapped = try MappedSource.resolve(source)
        let index = try #require(mapped.tensors.firstIndex { $0.name == "text.layers.0.attn.k.weight" })
        let seed = try #require(source.tensors.firstIndex { $0.name == ByteString(keyName) })
        return (source, mapped, index, TestTensor.noise(mapped.tensors[index].byteCount, seed: seed))
    }

    /// 2 heads of 128 rows of 4 KiB: a slab costs few readings, and not many more bytes than it has.
    @Test(arguments: [128 << 10, 256 << 10, 384 << 10, 1 << 20])
    func slabsAreReadInFewPieces(slab: Int) throws {
        let (source, mapped, index, expected) = try Self.keys(TinyLlama(width: 1024, headWidth: 128))
        #expect(try TestTensor.read(index, of: mapped, inPieces: slab) == expected)
        #expect(source.reads.calls <= 2 * expected.count.dividedRoundingUp(by: slab) + 2)
        #expect(source.reads.byteCount <= 2 * expected.count)
        if slab % (128 * 4096) == 0 { #expect(source.reads.byteCount == expected.count) }
    }

    /// Rows of 128 KiB are read one by one, and heads larger than the window in parts.
    @Test(arguments: [(32768, 4), (8192, 256)])
    func longRowsAndWideHeadsComeOutRight(width: Int, headWidth: Int) throws {
        let (source, mapped, index, expected) = try Self.keys(TinyLlama(width: width, headWidth: headWidth))
        #expect(try TestTensor.read(index, of: mapped, inPieces: expected.count) == expected)
        #expect(source.reads.byteCount <= 2 * expected.count)
    }

    @Test func headsOfAnOddWidthCannotBeReordered() throws {
        let error = #expect(throws: ArchitectureError.self) {
            try MappedSource.resolve(try TinyLlama(headWidth: 5).gguf())
        }
        #expect(error?.reason == .notPermutable(rowCount: 20, headCount: 4))
    }

    @Test func whatKeepsItsOrderIsReadAsItIs() throws {
        let source = try TinyLlama().gguf()
        let mapped = try MappedSource.resolve(source)
        let before = source.reads.calls
        _ = try TestTensor.read(0, of: mapped, inPieces: mapped.tensors[0].byteCount)
        #expect(source.reads.calls == before + 1)
    }
}
