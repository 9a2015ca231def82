import MMArchitectures
import MMBytes
import MMReference
import MMStorage
import MMTensors
import MMTestSupport
import Testing

/// From config.json and the names of tensors to the tower's configuration.
@Suite struct VisionResolutionTests {
    @Test(arguments: VisionOracle.all)
    func everyTowerIsCovered(oracle: VisionOracle) throws {
        let mapped = try oracle.mapped()
        #expect(mapped.model.isVerifiable)
        #expect(mapped.model.vision == oracle.configuration)
        #expect(mapped.model.connector == oracle.connector)
        #expect(mapped.ledger.ignored.allSatisfy { $0.sourceName.string.contains("head.") })
        let isHeadless = !["siglip", "aimv2"].contains(oracle.name)
        #expect(mapped.ledger.ignored.isEmpty == isHeadless)
    }

    /// The tower loads every tensor of the bundle: without any one of them it is refused.
    @Test(arguments: VisionOracle.all)
    func everyTensorIsNeeded(oracle: VisionOracle) throws {
        let whole = try oracle.source()
        for entry in whole.entries {
            var source = whole
            source[entry.descriptor.name.string] = nil
            #expect(throws: ReferenceError(.missingTensor(entry.descriptor.name)), "\(entry.descriptor.name)") {
                let team = ThreadTeam(threadCount: 1)
                let width = oracle.configuration.modelWidth
                _ = try VisionTower(source: source, configuration: oracle.configuration, team: team)
                guard let connector = oracle.connector else { return }
                _ = try Connector(source: source, configuration: connector, towerWidth: width, team: team)
            }
        }
    }

    @Test(arguments: VisionOracle.all)
    func aBundleGivesTheSameTower(oracle: VisionOracle) throws {
        let mapped = try oracle.mapped()
        let again = try MappedSource.resolve(mapped)
        #expect(again.model == mapped.model)
        #expect(again.tensors == mapped.tensors)
    }

    @Test(arguments: ["vision_model.", "vision_tower.vision_model.", "vision_tower.", "model.vision_tower."])
    func hubPrefixesAreTheSameTower(prefix: String) throws {
        for oracle in [VisionOracle.clip, .siglip] {
            var source = try ConfiguredSource(folder: oracle.name)
            source.memory.entries = source.memory.entries.map { entry in
                var entry = entry
                entry.descriptor = entry.descriptor.renamed(ByteString(prefix + entry.descriptor.name.string))
                return entry
            }
            let mapped = try MappedSource.resolve(source)
            #expect(mapped.model.vision == oracle.configuration)
            #expect(mapped.tensors == (try oracle.mapped().tensors))
        }
    }

    @Test func whatTransformersLeavesOutIsItsDefault() throws {
        var source = try ConfiguredSource(folder: "clip")
        source.respell([], ["hidden_act": nil, "layer_norm_eps": nil, "num_channels": nil, "architectures": nil])
        #expect(try MappedSource.resolve(source).model.vision == VisionOracle.clip.configuration)
        source = try ConfiguredSource(folder: "siglip")
        source.respell([], ["hidden_act": nil, "layer_norm_eps": nil, "image_size": [24, 24], "patch_size": [6, 6]])
        #expect(try MappedSource.resolve(source).model.vision == VisionOracle.siglip.configuration)
        source = try ConfiguredSource(folder: "qwen2.5-vl")
        source.respell([], ["rope_parameters": nil, "in_channels": nil, "in_chans": 3, "hidden_act": nil])
        #expect(try MappedSource.resolve(source).model.vision == VisionOracle.qwen25.configuration)
    }

    @Test(arguments: [VisionOracle.aimv2, .aimv2Native])
    func theOriginalSpellingOfAIMv2IsTheSameTower(oracle: VisionOracle) throws {
        var source = try ConfiguredSource(folder: oracle.name)
        let hasBias = oracle.configuration.hasQueryBias
        source.respell(
            [
                ("embeddings.patch_embed.", "preprocessor.patchifier.proj."),
                ("embeddings.rms_norm.", "preprocessor.patchifier.norm."),
                ("embeddings.position_embedding.weight", "preprocessor.pos_embed"),
                ("encoder.layers.", "trunk.blocks."), ("rms_norm1.", "norm_1."), ("rms_norm2.", "norm_2."),
                ("attention.out_proj.", "attn.proj."), ("attention.", "attn."), ("ffn.gate_proj.", "mlp.fc1."),
                ("ffn.up_proj.", "mlp.fc3."), ("ffn.down_proj.", "mlp.fc2."), ("rms_norm.", "trunk.post_trunk_norm."),
            ],
            ["model_type": "aimv2", "architectures": ["AIMv2Model"], "use_bias": .bool(hasBias), "mlp_bias": nil]
        )
        for layer in 0..<2 {
            for kind in ["weight", "bias"] {
                source.fuse(
                    ["q", "k", "v"].map { "trunk.blocks.\(layer).attn.\($0)_proj.\(kind)" },
                    into: "trunk.blocks.\(layer).attn.qkv.\(kind)"
                )
            }
        }
        source.reshape("preprocessor.pos_embed", [1, 16, 24])
        try expectSame(source, oracle)
    }

    @Test(arguments: [VisionOracle.internvit, .internvitNormed])
    func theOriginalSpellingOfInternViTIsTheSameTower(oracle: VisionOracle) throws {
        var source = try ConfiguredSource(folder: oracle.name)
        let isNormed = oracle.configuration.queryKeyNorm == .full
        source.respell(
            [
                ("embeddings.cls_token", "embeddings.class_embedding"),
                ("embeddings.position_embeddings", "embeddings.position_embedding"),
                ("embeddings.patch_embeddings.projection.", "embeddings.patch_embedding."),
                ("encoder.layer.", "encoder.layers."), ("layernorm_before.", "norm1."), ("layernorm_after.", "norm2."),
                ("attention.projection_layer.", "attn.proj."), ("attention.", "attn."), ("lambda_", "ls"),
            ],
            [
                "model_type": "intern_vit_6b", "architectures": ["InternVisionModel"], "image_size": 24,
                "patch_size": 6, "attention_bias": nil, "qkv_bias": .bool(isNormed), "use_qk_norm": nil,
                "qk_normalization": .bool(isNormed), "use_mean_pooling": nil,
            ]
        )
        for layer in 0..<2 {
            for kind in ["weight", "bias"] {
                source.fuse(
                    ["q", "k", "v"].map { "encoder.layers.\(layer).attn.\($0)_proj.\(kind)" },
                    into: "encoder.layers.\(layer).attn.qkv.\(kind)"
                )
            }
        }
        try expectSame(source, oracle)
    }

    /// The same configuration, tensors and activations as those of the oracle's own spelling.
    private func expectSame(_ source: ConfiguredSource, _ oracle: VisionOracle) throws {
        let mapped = try MappedSource.resolve(source)
        #expect(mapped.model.vision == oracle.configuration)
        #expect(mapped.tensors == (try oracle.mapped().tensors))
        let tower = try VisionTower(
            source: mapped,
            configuration: #require(mapped.model.vision),
            team: ThreadTeam(threadCount: 1)
        )
        let example = try #require(try oracle.cases().first)
        let found = try VisionEvaluation(tower, example.inputs)["vision.out"]
        #expect(relativeError(found, example.expected("vision.out")) <= GoldenVisionTests.gate)
    }

    @Test func whatTheGraphDoesNotComputeIsNamed() throws {
        var source = try ConfiguredSource(folder: "clip")
        source.respell([], ["hidden_act": "relu"])
        let model = try MappedSource.resolve(source).model
        #expect(model.vision == nil)
        #expect(model.reason?.contains("its activation is none of gelu, quick_gelu and silu") == true)
    }

    @Test func aTensorThatNobodyKnowsIsAnError() throws {
        var source = try ConfiguredSource(folder: "clip")
        source.respell([("pre_layrnorm.", "pre_layernorm.")])
        #expect(throws: ArchitectureError.self) { try MappedSource.resolve(source) }
    }
}
