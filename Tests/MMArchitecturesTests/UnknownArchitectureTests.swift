import MMArchitectures
import MMBytes
import MMTensors
import Testing

@Suite struct UnknownArchitectureTests {
    static func bert(_ configuration: ModelConfiguration) throws -> CountingSource {
        var source = CountingSource(configuration: configuration)
        try source.add("embeddings.word_embeddings.weight", .f32, [10, 8])
        try source.add("encoder.layer.0.attention.self.query.weight", .f32, [8, 8])
        try source.add("model.norm.weight", .f32, [8])
        try source.add("embeddings.position_ids", .i64, [1, 4])
        return source
    }

    static let bertConfiguration: JSONValue = ["model_type": "bert", "architectures": ["BertModel"]]

    @Test func itIsPassedThroughWithoutLoss() throws {
        for configuration in [
            ModelConfiguration.none, .huggingFace(Self.bertConfiguration), .gguf(["general.architecture": "bert"]),
        ] {
            let source = try Self.bert(configuration)
            let mapped = try MappedSource.resolve(source)
            #expect(mapped.tensors == source.tensors)
            #expect(mapped.sourceNames == source.tensors.map(\.name))
            #expect(mapped.roles.allSatisfy { $0 == .unknown })
            #expect(mapped.components.allSatisfy { $0 == .other })
            #expect(mapped.ledger.claimed.count == 4)
            for index in source.tensors.indices {
                #expect(try TestTensor.read(index, of: mapped, inPieces: 8) == source.contents[index])
            }
            #expect(try mapped.huggingFaceClaims().map(\.sourceName) == source.tensors.map(\.name))
            #expect(try mapped.huggingFaceConfiguration(type: .f32) == nil)
        }
    }

    @Test func itSaysWhyAndNamesTheNearest() throws {
        let model = try MappedSource.resolve(try Self.bert(.huggingFace(Self.bertConfiguration))).model
        #expect(model.architectureID == nil && model.decoder == nil && !model.isVerifiable)
        #expect(model.nearest?.percentage == 25)
        let reason = try #require(model.reason)
        #expect(reason.contains("bert") && reason.contains("25 %"))
        #expect(reason.contains(try #require(model.nearest?.id)))
        #expect(model.json["architecture"] == .null)
        #expect(model.json["verifiable"] == false)
        #expect(model.json["nearest"]?["matching"] == 1)
        #expect(try MappedSource.resolve(CountingSource()).model.reason?.contains("does not say") == true)
    }

    /// What a checkpoint has that the reference model does not compute is named, with what shows it.
    static let constructs: [(ModelConfiguration, [String], String)] = [
        (
            .huggingFace(["model_type": "deepseek_v3", "kv_lora_rank": 512, "n_group": 1, "is_encoder_decoder": false]),
            [], "compute: multi-head latent attention (kv_lora_rank 512); the nearest"
        ),
        (
            .gguf(["general.architecture": "deepseek2", "deepseek2.attention.kv_lora_rank": 512]), [],
            "compute: multi-head latent attention (deepseek2.attention.kv_lora_rank 512); the nearest"
        ),
        (
            .none, ["blk.0.attn_kv_a_mqa.weight"],
            "compute: multi-head latent attention (tensor blk.0.attn_kv_a_mqa.weight); the nearest"
        ),
        (
            .gguf(["general.architecture": "mamba", "mamba.ssm.state_size": 16]), [],
            "state-space layers (Mamba) (mamba.ssm.state_size 16)"
        ),
        (
            .huggingFace(["model_type": "mllama", "text_config": ["cross_attention_layers": [3, 8]]]), [],
            "cross-attention from text to pictures (cross_attention_layers of 2 elements)"
        ),
        (
            .huggingFace(["model_type": "whisper", "num_mel_bins": 80, "is_encoder_decoder": true]), [],
            "an encoder beside the decoder (is_encoder_decoder), an audio encoder (num_mel_bins 80)"
        ),
        (
            .huggingFace(["model_type": "llava_qwen2", "mm_vision_tower": "mobileclip_l_1024"]),
            ["model.vision_tower.vision_tower.model.network.0.0.token_mixer.reparam_conv.weight"],
            "a convolutional vision encoder (tensor model.vision_tower.vision_tower.model.network.0.0.token_mixer."
        ),
        (.huggingFace(["model_type": "granite", "residual_multiplier": 1.0]), [], "granite\"); the nearest"),
        (
            .huggingFace(["model_type": "granite", "residual_multiplier": 0.22]), [],
            "a multiplier of the residual stream (residual_multiplier 0.22)"
        ),
    ]

    @Test(arguments: constructs)
    func whatCannotBeRunIsNamed(configuration: ModelConfiguration, names: [String], text: String) throws {
        var source = CountingSource(configuration: configuration)
        try source.add("lm_head.weight", .f32, [8, 8])
        for name in names { try source.add(name, .f32, [8, 8]) }
        let reason = try #require(try MappedSource.resolve(source).model.reason)
        #expect(reason.contains(text), "\(reason)")
    }

    /// A model of a known family with a tower that is of none.
    @Test func aPartOfAnotherFamilyMakesTheModelUnknown() throws {
        var source = CountingSource(
            configuration: .huggingFace([
                "model_type": "llava", "architectures": ["LlavaForConditionalGeneration"],
                "text_config": ["model_type": "llama"], "vision_config": ["model_type": "timm_wrapper"],
            ])
        )
        try source.add("vision_tower.timm_model.stages.0.blocks.0.conv_dw.weight", .f32, [8, 1, 3, 3])
        let mapped = try MappedSource.resolve(source)
        #expect(mapped.tensors == source.tensors && mapped.model.architectureID == nil)
        let reason = try #require(mapped.model.reason)
        #expect(reason.contains("not llava: its vision model is of type timm_wrapper; known here are clip-vision"))
        #expect(
            reason.contains("a convolutional vision encoder (tensor vision_tower.timm_model.stages.0.blocks.0.conv_dw")
        )
    }

    @Test func itComesBackFromItsBundle() throws {
        let mapped = try MappedSource.resolve(try Self.bert(.huggingFace(Self.bertConfiguration)))
        let bundle = CountingSource(
            format: "mmpack",
            tensors: mapped.tensors,
            configuration: .bundle(try JSONValue(parsing: mapped.model.json.serialized(.canonical)))
        )
        let again = try MappedSource.resolve(bundle)
        #expect(again.model == mapped.model)
        #expect(again.tensors == mapped.tensors)
    }

    static let otherKinds: [(String, JSONValue?, String)] = [
        (
            "quantization_config", ["quant_method": "gptq"],
            "quantization_config"
        ),
        ("architectures", ["LlamaForSequenceClassification"], "LlamaForSequenceClassification"),
        ("model_type", "llama4", "llama4"),
        ("model_type", nil, "no model_type"),
    ]

    /// What says it is a llama and is one of another kind is not held to llama's tensors.
    @Test(arguments: otherKinds)
    func otherKindsOfLlamaAreUnknown(name: String, value: JSONValue?, reason: String) throws {
        var source = try TinyLlama().huggingFace()
        source.configuration = .huggingFace(TinyLlama().huggingFaceConfiguration.with(name, value))
        try source.add("score.weight", .f32, [2, 8])
        let model = try MappedSource.resolve(source).model
        #expect(model.architectureID == nil)
        #expect(model.reason?.contains(reason) == true)
        #expect(model.nearest?.percentage == 95)
    }

    /// GGUF calls both llama; what the number of experts says decides which tensors are asked for.
    @Test func aLlamaWithExpertsIsAMixtral() throws {
        var source = try TinyLlama().gguf()
        source.configuration = .gguf(
            TinyLlama().ggufConfiguration.with("llama.expert_count", 8).with("llama.expert_used_count", 2)
        )
        let error = #expect(throws: ArchitectureError.self) { try MappedSource.resolve(source) }
        #expect(error?.architecture == "mixtral")
        #expect(error?.subject == "text.layers.0.moe.router.weight")
        source.configuration = .gguf(TinyLlama().ggufConfiguration.with("llama.expert_count", 0))
        #expect(try MappedSource.resolve(source).model.architectureID == "llama")
    }

    @Test func assetsAndMetadataPassThrough() throws {
        var source = try TinyLlama().gguf()
        source.assets = [Asset(name: "tokenizer.json", bytes: [1, 2])]
        source.metadata = ["a": 1]
        let mapped = try MappedSource.resolve(source)
        #expect(try mapped.assets == source.assets)
        #expect(mapped.metadata == source.metadata)
        #expect(mapped.format == "gguf")
    }
}
