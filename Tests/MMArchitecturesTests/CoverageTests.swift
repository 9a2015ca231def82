import MMArchitectures
import MMBytes
import MMTensors
import Testing

@Suite struct CoverageTests {
    @Test func everyTensorIsClaimedInExecutionOrder() throws {
        let mapped = try MappedSource.resolve(try TinyLlama().huggingFace())
        let layer = [
            "attn_norm", "attn.q", "attn.k", "attn.v", "attn.o", "mlp_norm", "mlp.gate", "mlp.up", "mlp.down",
        ]
        let layers = (0..<2).flatMap { index in layer.map { "text.layers.\(index).\($0).weight" } }
        let names = ["text.embed.weight"] + layers + ["text.norm.weight", "text.head.weight"]
        #expect(mapped.tensors.map(\.name.string) == names)
        #expect(mapped.roles.prefix(3) == [.embed, .norm, .linear])
        #expect(mapped.roles.suffix(2) == [.norm, .head])
        #expect(mapped.components.allSatisfy { $0 == .text })
        #expect(mapped.ledger.claimed.count == 21)
        #expect(mapped.ledger.claimed.map(\.sourceName) == mapped.sourceNames)
        #expect(mapped.ledger.derived.isEmpty && mapped.ledger.ignored.isEmpty)
        #expect(mapped.sourceNames[2] == "model.layers.0.self_attn.q_proj.weight")
    }

    @Test func theTiedHeadIsDerived() throws {
        for source in [try TinyLlama(isTied: true).huggingFace(), try TinyLlama(isTied: true).gguf()] {
            let mapped = try MappedSource.resolve(source)
            #expect(mapped.model.decoder?.isTied == true)
            #expect(mapped.ledger.derived.map(\.name) == ["text.head.weight"])
            #expect(mapped.ledger.derived.map(\.from) == ["text.embed.weight"])
        }
    }

    @Test func aHeadThatIsThereCountsWhateverTheFlagSays() throws {
        var source = try TinyLlama().huggingFace()
        source.configuration = .huggingFace(TinyLlama().huggingFaceConfiguration.with("tie_word_embeddings", true))
        let mapped = try MappedSource.resolve(source)
        #expect(mapped.model.decoder?.isTied == false)
        #expect(mapped.tensors.last?.name == "text.head.weight")
    }

    @Test func aMissingTensorIsNamed() throws {
        let names = try TinyLlama().huggingFace().tensors.map(\.name.string)
        for name in names {
            var source = try TinyLlama().huggingFace()
            source.remove(name)
            let error = try #require(throws: ArchitectureError.self) { try MappedSource.resolve(source) }
            #expect(error.description.contains(name))
            guard case .missingTensor(_, others: 0) = error.reason else {
                Issue.record("\(error)")
                continue
            }
        }
    }

    @Test func anExtraTensorIsNamed() throws {
        for name in [
            "model.layers.2.mlp.up_proj.weight", "model.layers.00.mlp.up_proj.weight", "extra", "lm_head.bias",
            "model.layers.0.self_attn.q_proj.bias", "model.layers.0.self_attn.rotary_emb.cos", "rope_freqs.weight",
        ] {
            var source = try TinyLlama().huggingFace()
            try source.add(name, .f32, [8])
            try source.add("zz.another", .f32, [8])
            let error = try #require(throws: ArchitectureError.self) { try MappedSource.resolve(source) }
            #expect(error.reason == .unexpectedTensor(others: 1))
            #expect(error.subject == ByteString(name))
        }
    }

    @Test func aWrongShapeIsNamedWithBothShapes() throws {
        for index in try TinyLlama().huggingFace().tensors.indices {
            var source = try TinyLlama().huggingFace()
            let old = source.tensors[index]
            var dimensions = old.shape.dimensions
            dimensions[dimensions.count - 1] += 1
            source.tensors[index] = try TestTensor.descriptor(old.name.string, .f32, dimensions)
            let error = try #require(throws: ArchitectureError.self) { try MappedSource.resolve(source) }
            #expect(error.subject == old.name)
            #expect(error.reason == .wrongShape(found: source.tensors[index].shape, expected: old.shape.dimensions))
        }
    }

    @Test func aBufferOfOlderVersionsIsIgnoredWithAReason() throws {
        var source = try TinyLlama().huggingFace()
        try source.add("model.layers.1.self_attn.rotary_emb.inv_freq", .f32, [3])
        let mapped = try MappedSource.resolve(source)
        #expect(mapped.ledger.ignored.map(\.sourceName) == ["model.layers.1.self_attn.rotary_emb.inv_freq"])
        #expect(mapped.ledger.ignored.allSatisfy { !$0.reason.isEmpty })
        #expect(mapped.tensors.count == 21)
    }

    @Test func theLedgerIsWrittenAsJSON() throws {
        let json = try MappedSource.resolve(try TinyLlama(isTied: true).gguf()).ledger.json
        let claimed = try #require(json["claimed"]?.elements)
        #expect(claimed.count == 20)
        #expect(
            claimed[2] == [
                "name": "text.layers.0.attn.q.weight", "source": "blk.0.attn_q.weight",
                "operation": "rope_unpermute(4)",
            ]
        )
        #expect(json["derived"]?.elements?.count == 1)
        #expect(json["ignored"] == .array([]))
    }

    @Test func aCheckpointResolvesTheSameFromItsBundle() throws {
        var withFactors = try TinyLlama().gguf()
        try withFactors.add("rope_freqs.weight", .f32, [3], TestTensor.bytes([1, 2, 8]))
        for source in [
            try TinyLlama().huggingFace(), try TinyLlama(isTied: true).gguf(), try TinyLlama(hasBiases: true).gguf(),
            try TinyLlama(hasBiases: true).huggingFace(), withFactors,
        ] {
            let mapped = try MappedSource.resolve(source)
            guard case .bundle(let json) = mapped.configuration else { throw CancellationError() }
            // As a manifest keeps it: sorted, through text.
            var bundle = CountingSource(format: "mmpack")
            bundle.configuration = .bundle(try JSONValue(parsing: json.serialized(.canonical)))
            for (index, tensor) in mapped.tensors.enumerated() {
                let bytes = try TestTensor.read(index, of: mapped, inPieces: max(4, tensor.byteCount))
                try bundle.add(tensor.name.string, tensor.type, tensor.shape.dimensions, bytes)
            }
            let again = try MappedSource.resolve(bundle)
            #expect(again.model == mapped.model)
            #expect(again.model.json == mapped.model.json)
            #expect(again.tensors == mapped.tensors)
            #expect(again.roles == mapped.roles)
            bundle.remove("text.norm.weight")
            #expect(throws: ArchitectureError.self) { try MappedSource.resolve(bundle) }
        }
    }

    @Test func aBundleOfAnotherDescriptionIsRefused() throws {
        let mapped = try MappedSource.resolve(try TinyLlama().huggingFace())
        var bundle = CountingSource(format: "mmpack", tensors: mapped.tensors)
        bundle.configuration = .bundle(mapped.model.json.with("knobs", mapped.model.knobs.json.with("n_tails", 2)))
        let error = #expect(throws: ArchitectureError.self) { try MappedSource.resolve(bundle) }
        #expect(error?.reason == .unknownKnob)
        bundle.configuration = .bundle(mapped.model.json.with("knobs", nil))
        #expect(throws: ArchitectureError.self) { try MappedSource.resolve(bundle) }
    }
}
