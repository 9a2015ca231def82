import MMArchitectures
import MMBytes
import MMTensors
import Testing

@Suite struct LlamaResolutionTests {
    static func decoder(_ change: (JSONValue) -> JSONValue) throws -> DecoderConfiguration {
        var source = try TinyLlama().huggingFace()
        source.configuration = .huggingFace(change(TinyLlama().huggingFaceConfiguration))
        return try #require(try MappedSource.resolve(source).model.decoder)
    }

    @Test func huggingFaceGivesTheDecoder() throws {
        let expected = DecoderConfiguration(
            vocabularyCount: 10,
            modelWidth: 8,
            layers: [.init(), .init()],
            headCount: 4,
            keyValueHeadCount: 2,
            headWidth: 6,
            feedForwardWidth: 12,
            normEpsilon: 1e-5,
            rope: RotaryEmbedding(theta: 5000, width: 6),
            attentionScale: 1 / 6.0.squareRoot(),
            isTied: false,
            contextLength: 64
        )
        let found = try Self.decoder { $0 }
        #expect(abs(found.attentionScale - expected.attentionScale) < 1e-15)
        var same = found
        same.attentionScale = expected.attentionScale
        #expect(same == expected)
    }

    @Test func ggufGivesTheSameDecoder() throws {
        let model = try MappedSource.resolve(try TinyLlama().gguf()).model
        #expect(model.decoder == (try Self.decoder { $0 }))
        #expect(model.isVerifiable)
        #expect(model.knobs["norm_eps"] == .number(1e-5))
        #expect(model.knobs["bos_token"] == .number(1))
    }

    @Test func everyKnobSaysWhereItCameFrom() throws {
        let fromConfig = try MappedSource.resolve(try TinyLlama().huggingFace()).model.knobs
        let fromGGUF = try MappedSource.resolve(try TinyLlama().gguf()).model.knobs
        func origin(_ name: String, _ knobs: Knobs) -> String? { knobs.entries.first { $0.name == name }?.origin }
        #expect(origin("d_model", fromConfig) == "config.json: hidden_size")
        #expect(origin("rope_kind", fromConfig) == "default")
        #expect(origin("attn_scale", fromConfig) == "computed")
        #expect(origin("tied", fromConfig) == "tensor text.head.weight")
        #expect(origin("d_model", fromGGUF) == "GGUF: llama.embedding_length")
        #expect(origin("vocab", fromGGUF) == "GGUF: length of tokenizer.ggml.tokens")
        #expect(origin("act", fromGGUF) == "default")
        #expect(fromConfig.entries.map(\.name) == fromGGUF.entries.map(\.name))
    }

    @Test func theNewSpellingOfTheRotaryEmbeddingIsReadToo() throws {
        let new = try Self.decoder {
            $0.with("rope_theta", nil).with("rope_parameters", ["rope_type": "default", "rope_theta": 5000.0])
        }
        #expect(new == (try Self.decoder { $0 }))
    }

    @Test(arguments: ["rope_scaling", "rope_parameters"], ["rope_type", "type"])
    func llama3ScalingIsReadInEverySpelling(member: String, kind: String) throws {
        let parameters: JSONValue = [
            kind: "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
            "original_max_position_embeddings": 32,
        ]
        let decoder = try Self.decoder { $0.with(member, parameters) }
        #expect(
            decoder.rope.scaling
                == .llama3(factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContextLength: 32)
        )
        #expect(decoder.rope.theta == 5000)
    }

    @Test func linearScalingIsReadAndOneIsNone() throws {
        let linear = try Self.decoder { $0.with("rope_scaling", ["type": "linear", "factor": 2.0]) }
        #expect(linear.rope.scaling == .linear(factor: 2))
        let one = try Self.decoder { $0.with("rope_scaling", ["rope_type": "linear", "factor": 1.0]) }
        #expect(one.rope.scaling == .none)
        #expect(try Self.decoder { $0.with("rope_scaling", .null) }.rope.scaling == .none)
        var gguf = try TinyLlama().gguf()
        gguf.configuration = .gguf(
            TinyLlama().ggufConfiguration.with("llama.rope.scaling.type", "linear")
                .with("llama.rope.scaling.factor", 4.0)
        )
        #expect(try MappedSource.resolve(gguf).model.decoder?.rope.scaling == .linear(factor: 4))
    }

    @Test func whatIsLeftOutTakesTheDefaultsOfTransformers() throws {
        let decoder = try Self.decoder { $0.with("rms_norm_eps", nil).with("rope_theta", nil) }
        #expect(decoder.normEpsilon == 1e-6)
        #expect(decoder.rope.theta == 10000)
        var source = try TinyLlama(width: 24).huggingFace()
        source.configuration = .huggingFace(TinyLlama(width: 24).huggingFaceConfiguration.with("head_dim", .null))
        #expect(try MappedSource.resolve(source).model.decoder?.headWidth == 6)
    }

    @Test(arguments: [
        ("ntk-by-parts", "rotary scaling"), ("yarn", "original context"),
    ])
    func aCheckpointThatTheGraphDoesNotComputeIsMappedAndNotVerifiable(kind: String, reason: String) throws {
        var source = try TinyLlama().huggingFace()
        source.configuration = .huggingFace(
            TinyLlama().huggingFaceConfiguration.with("rope_scaling", ["rope_type": .text(kind), "factor": 4.0])
        )
        let mapped = try MappedSource.resolve(source)
        #expect(mapped.model.architectureID == "llama")
        #expect(mapped.model.decoder == nil)
        #expect(!mapped.model.isVerifiable)
        #expect(mapped.model.reason?.contains(reason) == true)
        #expect(mapped.roles.contains(.linear))
    }

    @Test func biasesAreFoundByConfigurationAndByPresence() throws {
        let tiny = TinyLlama(hasBiases: true)
        for source in [try tiny.huggingFace(), try tiny.gguf()] {
            let mapped = try MappedSource.resolve(source)
            let decoder = try #require(mapped.model.decoder)
            #expect(decoder.hasQKVBias && decoder.hasOutputBias && decoder.hasMLPBias)
            #expect(mapped.roles.count { $0 == .bias } == 14)
        }
    }

    @Test func theFactorsOfAGGUFFileAreUsed() throws {
        var source = try TinyLlama().gguf()
        try source.add("rope_freqs.weight", .f32, [3], TestTensor.bytes([1, 2.5, 8]))
        let mapped = try MappedSource.resolve(source)
        #expect(mapped.model.decoder?.rope.scaling == .factors([1, 2.5, 8]))
        #expect(mapped.tensors.map(\.name).contains("text.rope.factors"))
        #expect(try !mapped.huggingFaceClaims().contains { $0.name == "text.rope.factors" })
        for bad: Float in [0, -1, .infinity, .nan] {
            source.contents[source.contents.count - 1] = TestTensor.bytes([1, bad, 8])
            let error = #expect(throws: ArchitectureError.self) { try MappedSource.resolve(source) }
            #expect(error?.reason == .badFactor(index: 1))
        }
    }

    static let contradictions: [(String, JSONValue)] = [
        ("hidden_size", .text("8")), ("hidden_size", 0), ("hidden_size", -8), ("hidden_size", 8.5),
        ("num_hidden_layers", .integer(.max)), ("num_hidden_layers", 1_000_000), ("vocab_size", 1e300),
        ("rms_norm_eps", -1.0), ("rope_theta", 0.0), ("rope_theta", true), ("num_attention_heads", 3),
        ("num_key_value_heads", 3), ("head_dim", 7), ("hidden_size", [8]), ("tie_word_embeddings", 1),
        ("rope_scaling", ["rope_type": "llama3", "low_freq_factor": 4.0]), ("hidden_act", 3),
        ("intermediate_size", .integer(1 << 40)), ("rope_scaling", ["rope_type": "linear", "factor": -2.0]),
    ]

    @Test(arguments: contradictions)
    func refusesAConfigurationThatContradictsTheTensorsOrItself(name: String, value: JSONValue) throws {
        var source = try TinyLlama().huggingFace()
        source.configuration = .huggingFace(TinyLlama().huggingFaceConfiguration.with(name, value))
        let error = #expect(throws: ArchitectureError.self) { try MappedSource.resolve(source) }
        #expect(error?.category == .badData)
    }

    @Test(arguments: [
        "llama.embedding_length", "llama.block_count", "llama.attention.head_count", "llama.feed_forward_length",
        "tokenizer.ggml.tokens", "llama.attention.layer_norm_rms_epsilon", "llama.context_length",
    ])
    func namesTheKeyThatAGGUFFileLacks(key: String) throws {
        var source = try TinyLlama().gguf()
        source.configuration = .gguf(TinyLlama().ggufConfiguration.with(key, nil))
        let error = #expect(throws: ArchitectureError.self) { try MappedSource.resolve(source) }
        #expect(error?.description.contains(key) == true)
    }

    /// Whatever a configuration holds, the answer is a mapping or an `ArchitectureError`.
    @Test func hostileValuesNeverTrap() throws {
        let values: [JSONValue] = [
            .null, 0, -1, 1, 2, 3, .integer(.max), .integer(.min), 1e308, -1e308, 1e-300, 0.5, 1e15, "", "\u{1B}[2J",
            true, [],
            [1], [2, 3], .object([]), ["type": "llama3"], ["rope_type": 7], ["factor": "x"], .integer(1 << 40),
        ]
        let tiny = TinyLlama()
        var folder = try tiny.huggingFace()
        var file = try tiny.gguf()
        for value in values {
            let extra = ["rope_scaling", "rope_parameters", "original_max_position_embeddings", "hidden_act"]
            for name in (tiny.huggingFaceConfiguration.members ?? []).map(\.name.string) + extra {
                folder.configuration = .huggingFace(tiny.huggingFaceConfiguration.with(name, value))
                try Self.resolveOrRefuse(folder)
            }
            let more = [
                "llama.rope.scaling.type", "llama.rope.scaling.factor", "llama.expert_count", "llama.vocab_size",
            ]
            for name in (tiny.ggufConfiguration.members ?? []).map(\.name.string) + more {
                file.configuration = .gguf(tiny.ggufConfiguration.with(name, value))
                try Self.resolveOrRefuse(file)
            }
        }
    }

    private static func resolveOrRefuse(_ source: CountingSource) throws {
        do { _ = try MappedSource.resolve(source) } catch let error as ArchitectureError {
            #expect(!error.description.unicodeScalars.contains { $0.value < 0x20 })
        }
    }

    @Test func aKeyThatSaysTheSameForEveryLayerIsOneValue() throws {
        var source = try TinyLlama().gguf()
        let key = "llama.attention.head_count_kv"
        source.configuration = .gguf(TinyLlama().ggufConfiguration.with(key, [2, 2]))
        #expect(try MappedSource.resolve(source).model.decoder?.keyValueHeadCount == 2)
        source.configuration = .gguf(TinyLlama().ggufConfiguration.with(key, [2, 4]))
        #expect(throws: ArchitectureError.self) { try MappedSource.resolve(source) }
    }
}
