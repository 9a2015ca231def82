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
