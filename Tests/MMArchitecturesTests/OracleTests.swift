import MMArchitectures
import MMBytes
import MMTensors
import MMTestSupport
import Testing

/// The tiny llamas that transformers saved and `gguf` wrote.
@Suite struct OracleTests {
    @Test(arguments: ["llama-tied", "llama-tied-default", "llama-untied-sharded", "llama-biased"])
    func everyOracleIsCovered(name: String) throws {
        let mapped = try MappedSource.resolve(try FixtureSource.huggingFace(name))
        #expect(mapped.model.architectureID == "llama")
        #expect(mapped.model.isVerifiable)
        #expect(mapped.tensors.first?.name == "text.embed.weight")
    }

    @Test(arguments: ["llama-tied", "llama-tied-default", "llama-untied-sharded", "llama-biased"])
    func oldAndNewSpellingsGiveOneDecoder(name: String) throws {
        var source = try FixtureSource.huggingFace(name)
        let decoder = try MappedSource.resolve(source).model.decoder
        for spelling in ["old", "new"] {
            let text = try Fixture.bytes("oracles/configs/\(name).\(spelling).json")
            source.configuration = .huggingFace(try JSONValue(parsing: text))
            #expect(try MappedSource.resolve(source).model.decoder == decoder)
        }
    }

    @Test(arguments: [("llama-tied-f32", "llama-tied"), ("llama-untied-sharded-bf16", "llama-untied-sharded")])
    func ggufEqualsHuggingFaceByteForByte(gguf: String, huggingFace: String) throws {
        let found = try MappedSource.resolve(try FixtureSource.gguf(gguf))
        let expected = try MappedSource.resolve(try FixtureSource.huggingFace(huggingFace))
        var compared = 0
        for (index, tensor) in found.tensors.enumerated() {
            guard let other = expected.tensors.firstIndex(of: tensor) else { continue }
            let whole = try TestTensor.read(other, of: expected, inPieces: tensor.byteCount)
            for piece in [tensor.type.block.byteCount * 5, 256, 1000, tensor.byteCount] {
                #expect(try TestTensor.read(index, of: found, inPieces: piece) == whole, "\(tensor.name)")
            }
            compared += tensor.shape.rank == 2 ? 1 : 0
        }
        // GGUF keeps norms in f32; every matrix is of the same type on both sides.
        let matrixCount = expected.tensors.count { $0.shape.rank == 2 }
        #expect(compared == matrixCount)
        #expect(found.tensors.map(\.name).filter { $0 != "text.rope.factors" } == expected.tensors.map(\.name))
    }

    @Test(arguments: [
        ("llama-tied-q4_0", "llama-tied"), ("llama-tied-q8_0", "llama-tied"), ("llama-tied-bf16", "llama-tied"),
    ])
    func quantizedFilesGiveTheSameDecoder(gguf: String, huggingFace: String) throws {
        let found = try MappedSource.resolve(try FixtureSource.gguf(gguf)).model.decoder
        #expect(found == (try MappedSource.resolve(try FixtureSource.huggingFace(huggingFace)).model.decoder))
    }

    @Test func theFactorsOfTheFileAreThoseOfTheConfiguration() throws {
        let gguf = try MappedSource.resolve(try FixtureSource.gguf("llama-untied-sharded-bf16"))
        let config = try MappedSource.resolve(try FixtureSource.huggingFace("llama-untied-sharded"))
        let found = try #require(gguf.model.decoder?.rope.frequencyDivisors(sequenceLength: 1))
        let expected = try #require(config.model.decoder?.rope.frequencyDivisors(sequenceLength: 1))
        #expect(found.count == 8)
        for (one, other) in zip(found, expected) { #expect(abs(one - other) <= 1e-5 * other) }
        #expect(expected.contains { $0 != 1 && $0 != 8 })
        let scaling = try gguf.huggingFaceConfiguration(type: .bf16)?["rope_scaling"]
        #expect(scaling?["rope_type"] == "llama3")
        #expect(scaling?["original_max_position_embeddings"] == 32)
    }
}
