import MMBytes
import MMCheckpoints
import MMStorage
import MMTensors
import MMTestSupport
import Testing

/// The two real checkpoints, where they have been fetched.
@Suite struct RealModelTests {
    @Test(.enabled(if: Fixture.model("smollm2-135m-instruct-q4_1.gguf") != nil))
    func opensSmolLM2() throws {
        let path = try #require(Fixture.model("smollm2-135m-instruct-q4_1.gguf"))
        let source = try Checkpoint.open(path)
        #expect(source.format == "gguf")
        #expect(source.tensors.count == 272)
        let types = Dictionary(grouping: source.tensors, by: \.type).mapValues(\.count)
        #expect(types == [.q4_1: 210, .q8_0: 1, .f32: 61])
        #expect(source.metadata["general.architecture"] == "llama")
        #expect(source.metadata["tokenizer.ggml.tokens"]?.elements?.count == 49_152)
        let embedding = try #require(source.tensors.first { $0.name == "token_embd.weight" })
        #expect(embedding.shape.dimensions == [49_152, 576])
        // The section that travels as an asset reads back to the same metadata.
        let section = try #require(source.assets.first { $0.name == Asset.ggufMetadataName })
        #expect(try GGUFMetadata(parsing: section.bytes).asJSON == source.metadata)
        try source.files[0].file.checkUnchanged()
    }

    @Test(.enabled(if: Fixture.model("minilm") != nil))
    func opensMiniLM() throws {
        let path = try #require(Fixture.model("minilm"))
        let source = try Checkpoint.open(path)
        #expect(source.format == "safetensors")
        #expect(source.tensors.allSatisfy { $0.type == .f32 || $0.type == .i64 })
        #expect(source.tensors.contains { $0.name == "embeddings.word_embeddings.weight" })
        guard case .huggingFace(let configuration) = source.configuration else {
            Issue.record("no configuration")
            return
        }
        #expect(configuration["model_type"] == "bert")
        let folder = try #require(source as? HuggingFaceFolder)
        #expect(folder.assets.contains { $0.name == "tokenizer.json" })
        #expect(folder.assets.map(\.name) == folder.assets.map(\.name).sorted())
    }
}
