import MMArchitectures
import MMCheckpoints
import MMReference
import MMStorage
import MMTensors
import MMTestSupport
import Testing

/// From the file to the logits: readers, mapping to bundle terms, model.
@Suite struct CheckpointTwinTests {
    @Test(
        arguments: [
            ("llama-tied", "llama-tied"), ("llama-tied-default", "llama-tied-default"),
            ("llama-untied-sharded", "llama-untied-sharded"), ("llama-biased", "llama-biased"),
            ("gguf/llama-tied-f32.gguf", "llama-tied"), ("gguf/llama-tied-bf16.gguf", "llama-tied-bf16"),
            ("gguf/llama-tied-q8_0.gguf", "llama-tied-q8_0"), ("gguf/llama-tied-q4_0.gguf", "llama-tied-q4_0"),
            ("gguf/llama-untied-sharded-bf16-00001-of-00003.gguf", "llama-untied-sharded"),
            ("gguf/mistral.gguf", "mistral-gguf"), ("gguf/mixtral.gguf", "mixtral"), ("gguf/qwen2.gguf", "qwen2"),
            ("gguf/qwen2-moe.gguf", "qwen2-moe-gguf"), ("gguf/qwen3.gguf", "qwen3"),
            ("gguf/qwen3-moe.gguf", "qwen3-moe-gguf"), ("gguf/smollm3.gguf", "smollm3"), ("gguf/olmo2.gguf", "olmo2"),
            ("gguf/gemma2.gguf", "gemma2-gguf"), ("gguf/gemma3.gguf", "gemma3-gguf"), ("gguf/phi3.gguf", "phi3"),
        ]
    )
    func logitsAgreeWithTransformersOnTheSameWeights(path: String, golden name: String) throws {
        let source = try MappedSource.resolve(Checkpoint.open(Fixture.path("oracles/\(path)")))
        let decoder = try ReferenceDecoder(
            source: source,
            configuration: #require(source.model.decoder),
            team: ThreadTeam(threadCount: 2)
        )
        let golden = try MemorySource(safetensors: "oracles/golden/\(name).safetensors")
        let length = try #require(golden["input_ids"]?.descriptor.shape.columnCount)
        let ids = golden.integers("input_ids").prefix(length).map { UInt32($0) }
        let vocabularyCount = decoder.configuration.vocabularyCount
        let expected = Array(golden.floats("logits").prefix(length * vocabularyCount))
        let found = try Evaluation(decoder, ids).logits
        #expect(relativeError(found, expected) <= GoldenLogitsTests.gate)
        #expect(
            likeliest(found, vocabularyCount: vocabularyCount) == likeliest(expected, vocabularyCount: vocabularyCount)
        )
    }

    /// fixtures/reference/make_smollm2.py; a debug build is slow, so only the beginning of it.
    @Test(.enabled(if: Fixture.model(realModel) != nil))
    func smolLM2SaysWhatTransformersSays() throws {
        let path = try #require(Fixture.model(Self.realModel))
        let source = try MappedSource.resolve(Checkpoint.open(path))
        let decoder = try ReferenceDecoder(
            source: source,
            configuration: #require(source.model.decoder),
            team: ThreadTeam(threadCount: 2)
        )
        let reference = try RealReference()
        let count = 16
        let state = try decoder.makeState(capacity: count)
        try decoder.evaluate(Array(reference.ids.prefix(count)), state: state) { position, logits in
            #expect(TokenSampler.indexOfMaximum(logits) == reference.likeliest[position])
            guard let top = reference.top[position] else { return }
            for (id, expected) in top { #expect(abs(logits[id] - expected) < 1e-3) }
        }
    }

    static let realModel = "smollm2-135m-instruct-q4_1.gguf"
}
