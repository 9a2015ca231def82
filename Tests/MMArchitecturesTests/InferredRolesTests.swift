import MMArchitectures
import MMBytes
import MMTensors
import Testing

/// What is quantized of a checkpoint that no description covers.
@Suite struct InferredRolesTests {
    private func roles(_ tensors: [(String, ElementType, [Int])]) throws -> [TensorRole] {
        var source = CountingSource(configuration: .none)
        for (name, type, shape) in tensors { try source.add(name, type, shape) }
        let inferred = try MappedSource.resolve(source).inferredRoles(blockElementCount: 32)
        for (role, component) in zip(inferred.roles, inferred.components) {
            #expect(component == (role == .unknown ? .other : .text))
        }
        return inferred.roles
    }

    @Test func matricesAreLayersByTheirShape() throws {
        let found = try roles([
            ("encoder.layer.0.attention.self.query.weight", .f32, [4, 32]),
            ("encoder.layer.0.narrow.weight", .f32, [64, 31]),
            ("encoder.layer.0.query.bias", .f32, [64]), ("encoder.layer.0.conv.weight", .f32, [4, 4, 32]),
            ("encoder.layer.0.ids", .i64, [4, 32]), ("encoder.layer.0.byte.weight", .f8E4M3, [4, 32]),
            ("encoder.layer.0.blocks.weight", .q8_0, [4, 32]),
        ])
        #expect(found == [.linear, .unknown, .unknown, .unknown, .unknown, .unknown, .linear])
    }

    @Test func namesTellEmbeddingHeadAndWhatIsKept() throws {
        let found = try roles([
            ("embeddings.word_embeddings.weight", .f32, [4, 32]), ("transformer.wte.weight", .f16, [4, 32]),
            ("token_embd.thing", .bf16, [4, 32]), ("cls.head.weight", .f32, [4, 32]),
            ("score_head.weight", .f32, [4, 32]),
            ("block.0.moe.gate.weight", .f32, [4, 32]), ("block.0.router.weight", .f32, [4, 32]),
            ("blk.0.ffn_gate_inp.thing", .f32, [4, 32]), ("vision_tower.fc1.weight", .f32, [4, 32]),
            ("block.0.mlp.gate_up.weight", .f32, [4, 32]),
        ])
        #expect(
            found == [
                .embed, .embed, .embed, .head, .head, .unknown, .unknown, .unknown, .unknown, .linear,
            ]
        )
    }

    /// The names of a known architecture count before the rule of thumb: "lm_head" and a norm of rank one.
    @Test func aKnownNameCountsFirst() throws {
        let found = try roles([
            ("model.embed_tokens.weight", .f32, [4, 32]), ("model.layers.3.mlp.gate_proj.weight", .f32, [4, 8]),
            ("model.norm.weight", .f32, [4]), ("lm_head.weight", .f32, [4, 32]),
        ])
        // Norms have a role too, which no recipe quantizes.
        #expect(found == [.embed, .linear, .norm, .head])
    }
}
