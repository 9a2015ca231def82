import MMArchitectures
import MMBytes
import MMReference
import MMTensors
import MMTestSupport
import Testing

/// Vision-language models against transformers, f32: from the folder and the pixels to the logits.
@Suite struct FusionTests {
    @Test(arguments: FusionOracle.all)
    func picturesAndTextAgreeWithTransformers(oracle: FusionOracle) throws {
        let source = try oracle.mapped()
        let golden = try oracle.golden()
        let run = try oracle.run(source, golden)
        let gate = GoldenLogitsTests.gate
        // As transformers initialises it, Gemma 3's projector gives zeros.
        if golden.floats("connector.out").contains(where: { $0 != 0 }) {
            #expect(relativeError(run.connected, golden.floats("connector.out")) <= gate, "connector.out")
        }
        if golden["position_ids"] != nil {
            let expected = golden.integers("position_ids")
            let positions = run.layout.positions
            #expect(positions.map(\.time) + positions.map(\.row) + positions.map(\.column) == expected)
        }
        let layerCount = source.model.decoder?.layerCount ?? 0
        let layers = (0..<layerCount).map { (DecoderActivation.layer($0), "layer.\($0)") }
        for (activation, name) in [(.embedding, "embedding")] + layers + [(.logits, "logits")] {
            guard golden[name] != nil || activation == .logits else { continue }
            // The golden's residual streams are those before the deep stack is added.
            if case .layer(let index) = activation, run.layout.injections[index] != nil { continue }
            let error = relativeError(run.evaluation.activations[activation] ?? [], golden.floats(name))
            #expect(error <= gate, "\(name)")
        }
        let count = source.model.decoder?.vocabularyCount ?? 1
        #expect(
            likeliest(run.evaluation.logits, vocabularyCount: count)
                == likeliest(golden.floats("logits"), vocabularyCount: count)
        )
    }

    /// The same model comes out of what a bundle says of it.
    @Test(arguments: FusionOracle.families)
    func aModelComesBackFromItsDescription(name: String) throws {
        let source = try FusionOracle(name: name).mapped()
        var bundled = try MemorySource(safetensors: "oracles/\(name)/model.safetensors")
        bundled.entries = try source.tensors.indices.map { index in
            let tensor = source.tensors[index]
            let loaded = try source.load(index)
            var bytes: [UInt8] = []
            for offset in 0..<loaded.byteCount {
                bytes.append(loaded.bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self))
            }
            return try #require(
                MemorySource.Entry(tensor.name.string, tensor.type, tensor.shape.dimensions, bytes: bytes)
            )
        }
        var bundle = try ConfiguredSource(folder: "aimv2")
        bundle.memory = bundled
        bundle.configuration = .bundle(source.model.json)
        let again = try MappedSource.resolve(bundle)
        #expect(again.model.decoder == source.model.decoder)
        #expect(again.model.vision == source.model.vision)
        #expect(again.model.connector == source.model.connector)
        #expect(again.model.fusion == source.model.fusion)
        #expect(again.model.json == source.model.json)
    }

    static let mistakes: [(String, String, @Sendable (inout FusionConfiguration) -> Void)] = [
        ("gemma3-vlm", "pictures seen causally", { $0.mask = .causal }),
        ("paligemma", "the prefix seen causally", { $0.mask = .causal }),
        ("gemma3-vlm", "the prefix seen", { $0.mask = .prefix }),
        ("paligemma", "pictures alone seen", { $0.mask = .pictures }),
        ("llava-1.5", "positions on axes", { $0.positions = .axes }),
        ("qwen2-vl", "positions in one line", { $0.positions = .sequential }),
        ("qwen3-vl", "positions in one line", { $0.positions = .sequential }),
    ]

    @Test(arguments: mistakes)
    func everyMistakeOfTheSequenceShows(
        name: String,
        what: String,
        change: @Sendable (inout FusionConfiguration) -> Void
    ) throws {
        let oracle = FusionOracle(name: name)
        let golden = try oracle.golden()
        let run = try oracle.run(try oracle.mapped(), golden, fusion: change)
        #expect(relativeError(run.evaluation.logits, golden.floats("logits")) > 4 * GoldenLogitsTests.gate)
    }

    /// The others have another number of tokens, or none of them in the text.
    @Test func aWrongArrangementOrPlaceholderIsRefused() throws {
        let oracle = FusionOracle(name: "llava-next")
        let golden = try oracle.golden()
        #expect(throws: VisionError.self) {
            try oracle.run(oracle.mapped(), golden, fusion: { $0.arrangement = .tiles })
        }
        #expect(throws: VisionError.self) {
            try oracle.run(oracle.mapped(), golden, fusion: { $0.placeholderID += 1 })
        }
    }

    @Test func placeholdersAndTokensMustBeAsMany() throws {
        let oracle = FusionOracle(name: "llava-1.5")
        let source = try oracle.mapped()
        let fusion = try #require(source.model.fusion)
        #expect(throws: VisionError(.placeholdersDoNotFit(places: 1, tokens: 0))) {
            try SequenceLayout(of: [1, UInt32(fusion.placeholderID)], pictures: [], fusion: fusion, prefixCount: 0)
        }
    }
}
