import MMArchitectures
import MMBytes
import MMTensors
import Testing

@Suite struct ExportTests {
    @Test func namesComeBackAsHuggingFaceSpellsThem() throws {
        let original = try TinyLlama(hasBiases: true).huggingFace()
        let mapped = try MappedSource.resolve(try TinyLlama(hasBiases: true).gguf())
        let claims = try mapped.huggingFaceClaims()
        #expect(claims.map(\.sourceName).sorted() == original.tensors.map(\.name).sorted())
        #expect(claims.allSatisfy { $0.operation == nil })
    }

    @Test func theConfigurationDescribesTheSameModel() throws {
        for tiny in [TinyLlama(), TinyLlama(isTied: true), TinyLlama(hasBiases: true)] {
            let mapped = try MappedSource.resolve(try tiny.gguf())
            let configuration = try #require(try mapped.huggingFaceConfiguration(type: .bf16))
            #expect(configuration["torch_dtype"] == "bfloat16")
            #expect(configuration["bos_token_id"] == 1)
            #expect(configuration["eos_token_id"] == nil)
            #expect(configuration["rms_norm_eps"] == 1e-5)
            var source = try tiny.huggingFace()
            source.configuration = .huggingFace(configuration)
            #expect(try MappedSource.resolve(source).model.decoder == mapped.model.decoder)
        }
    }

    /// The factors that the bands of Llama 3.1 give at this width and theta.
    static func factors(original: Double) -> [Float] {
        RotaryEmbedding(
            theta: 5000,
            width: 6,
            scaling: .llama3(
                factor: 8,
                lowFrequencyFactor: 1,
                highFrequencyFactor: 4,
                originalContextLength: original
            )
        ).frequencyDivisors(sequenceLength: 1).map(Float.init)
    }

    @Test func llama3BandsAreFoundAgain() throws {
        var source = try TinyLlama().gguf()
        let factors = Self.factors(original: 128)
        #expect(factors.contains { $0 != 1 && $0 != 8 })
        try source.add("rope_freqs.weight", .f32, [3], TestTensor.bytes(factors))
        let scaling = try MappedSource.resolve(source).huggingFaceConfiguration(type: .f32)?["rope_scaling"]
        #expect(scaling?["rope_type"] == "llama3")
        #expect(scaling?["factor"]?.double == 8)
        #expect(scaling?["original_max_position_embeddings"] == 128)
    }

    @Test func otherFactorsAreWrittenOutOneByOne() throws {
        var source = try TinyLlama().gguf()
        try source.add("rope_freqs.weight", .f32, [3], TestTensor.bytes([1, 2.5, 1.75]))
        let scaling = try MappedSource.resolve(source).huggingFaceConfiguration(type: .f32)?["rope_scaling"]
        #expect(scaling?["rope_type"] == "longrope")
        #expect(scaling?["long_factor"] == [1.0, 2.5, 1.75])
        #expect(scaling?["short_factor"] == scaling?["long_factor"])
    }

    @Test func whatConfigCannotSayIsAnError() throws {
        var source = try TinyLlama(hasBiases: true).gguf()
        for layer in 0..<2 { source.remove("blk.\(layer).attn_output.bias") }
        let mapped = try MappedSource.resolve(source)
        #expect(mapped.model.decoder?.hasOutputBias == false)
        let error = #expect(throws: ArchitectureError.self) { try mapped.huggingFaceConfiguration(type: .f32) }
        #expect(error?.description.contains("config.json") == true)
    }
}
