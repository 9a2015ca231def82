import MMArchitectures
import MMBytes
import MMCheckpoints
import MMReference
import MMTensors
import MMTestSupport
import Testing

/// A text GGUF and its mmproj, as llama.cpp's converter wrote them, are the model that transformers ran.
@Suite struct GGUFPairTests {
    private static func path(_ name: String) -> String { Fixture.path("oracles/gguf/\(name).gguf") }

    /// - Parameter changes: of the projector's keys.
    private static func pair(
        _ text: String,
        _ projector: String,
        _ changes: KeyValuePairs<String, JSONValue> = [:]
    ) throws -> GGUFPair {
        try GGUFPair(
            text: try Checkpoint.open(path(text)),
            textPath: "TEXT",
            projector: RekeyedSource(try Checkpoint.open(path(projector)), changes),
            projectorPath: "MMPROJ"
        )
    }

    /// The token that stands for a picture's in the oracles, whose tokenizers have no name for it.
    private static let placeholder = 90

    @Test(arguments: ["smolvlm", "qwen2.5-vl", "qwen3-vl", "internvl"])
    func logitsAgreeWithTransformersOnTheFolder(name: String) throws {
        let oracle = FusionOracle(name: name)
        let folder = try oracle.mapped()
        // llama.cpp's converter does not write the windows' size, and its loader has 112 where no key says otherwise.
        let source = try MappedSource.resolve(
            try Self.pair(name, "\(name).mmproj", name == "qwen2.5-vl" ? ["clip.vision.window_size": 16] : [:])
        )
        #expect(source.model.architectureID == folder.model.architectureID)
        #expect(source.model.decoder == folder.model.decoder)
        #expect(source.model.connector == folder.model.connector)
        #expect(source.tensors.map(\.name) == folder.tensors.map(\.name))
        // A vocabulary without the token: no text has the placeholder.
        #expect(source.model.fusion?.placeholderID == 96)
        let golden = try oracle.golden()
        let run = try oracle.run(source, golden) { $0.placeholderID = Self.placeholder }
        #expect(relativeError(run.connected, golden.floats("connector.out")) <= GoldenLogitsTests.gate)
        let logits = golden.floats("logits")
        #expect(relativeError(run.evaluation.logits, logits) <= GoldenLogitsTests.gate)
        #expect(likeliest(run.evaluation.logits, vocabularyCount: 96) == likeliest(logits, vocabularyCount: 96))
    }

    /// The converter of LLaVA's towers leaves out what lies behind the block that is looked at.
    @Test(arguments: ["llava-1.5", "llava-next"])
    func llavaAgreesWithTransformersOnTheFolder(name: String) throws {
        let oracle = FusionOracle(name: name)
        let folder = try oracle.mapped()
        let source = try MappedSource.resolve(try Self.pair(name, "\(name).mmproj"))
        #expect(source.model.architectureID == folder.model.architectureID)
        #expect(source.model.decoder == folder.model.decoder)
        #expect(source.model.vision?.layerCount == 1)
        let golden = try oracle.golden()
        let run = try oracle.run(source, golden) { $0.placeholderID = Self.placeholder }
        #expect(relativeError(run.connected, golden.floats("connector.out")) <= GoldenLogitsTests.gate)
        let logits = golden.floats("logits")
        #expect(relativeError(run.evaluation.logits, logits) <= GoldenLogitsTests.gate)
        #expect(likeliest(run.evaluation.logits, vocabularyCount: 96) == likeliest(logits, vocabularyCount: 96))
    }

    /// Files from before the key of the feature layer end with the block that is looked at.
    @Test func llavaWithoutAFeatureLayerLooksAtItsLastBlock() throws {
        let stated = try MappedSource.resolve(try Self.pair("llava-1.5", "llava-1.5.mmproj"))
        let silent = try MappedSource.resolve(
            try Self.pair("llava-1.5", "llava-1.5.mmproj", ["clip.vision.feature_layer": .null])
        )
        #expect(silent.model.connector == stated.model.connector)
        #expect(silent.model.knobs["feature_layer"] == .number(1))
    }

    /// Qwen3-VL's mergers bear the number of the block that they look at.
    @Test func deepStackMergersAreFoundByTheirBlocks() throws {
        let projector = RekeyedSource(
            try Checkpoint.open(Self.path("qwen3-vl.mmproj")),
            ["clip.vision.is_deepstack_layers": [true, false, true]],
            renaming: ("v.deepstack.1.", "v.deepstack.2.")
        )
        let pair = try GGUFPair(
            text: try Checkpoint.open(Self.path("qwen3-vl")),
            textPath: "TEXT",
            projector: projector,
            projectorPath: "MMPROJ"
        )
        let mapped = try MappedSource.resolve(pair)
        #expect(mapped.model.components.first?.knobs["deepstack"] == .list([.number(0), .number(2)]))
        let index = try #require(mapped.tensors.firstIndex { $0.name == "connector.deepstack.1.linear1.weight" })
        #expect(mapped.sourceNames[index] == "v.deepstack.2.fc1.weight")
    }

    /// Gemma 3's projector, whose norm is stored with one added, beside another text model of its width.
    @Test func gemma3ConnectsAsInTransformers() throws {
        let oracle = FusionOracle(name: "gemma3-vlm")
        let source = try MappedSource.resolve(
            try Self.pair("gemma3", "gemma3-vlm.mmproj", ["general.name": "tiny gemma3"])
        )
        #expect(source.model.architectureID == "gemma3-vl")
        #expect(source.model.vision == (try oracle.mapped().model.vision))
        let golden = try oracle.golden()
        let run = try oracle.run(source, golden) { $0.placeholderID = Self.placeholder }
        #expect(relativeError(run.connected, golden.floats("connector.out")) <= GoldenLogitsTests.gate)
    }

    @Test func theTokenOfPicturesIsFoundByItsName() throws {
        let text = try Checkpoint.open(Self.path("smolvlm"))
        var tokens = try #require(text.metadata["tokenizer.ggml.tokens"]?.elements)
        tokens[90] = "<image>"
        let pair = try GGUFPair(
            text: RekeyedSource(text, ["tokenizer.ggml.tokens": .array(tokens)]),
            textPath: "TEXT",
            projector: try Checkpoint.open(Self.path("smolvlm.mmproj")),
            projectorPath: "MMPROJ"
        )
        #expect(
            try MappedSource.resolve(pair).model.fusion == (try FusionOracle(name: "smolvlm").mapped().model.fusion)
        )
    }

    @Test func aPairThatNamesTwoModelsIsRefused() {
        let error = GGUFPairError(
            .identities(key: "general.name", text: "tiny gemma3", projector: "tiny gemma3-vlm.mmproj"),
            textPath: "TEXT",
            projectorPath: "MMPROJ"
        )
        #expect(throws: error) { try Self.pair("gemma3", "gemma3-vlm.mmproj") }
        for part in ["TEXT", "MMPROJ", "tiny gemma3", "tiny gemma3-vlm.mmproj"] {
            #expect(error.description.contains(part))
        }
    }

    @Test func aPairOfTwoWidthsIsRefused() {
        let error = GGUFPairError(.widths(text: 32, projector: 40), textPath: "TEXT", projectorPath: "MMPROJ")
        #expect(throws: error) {
            try Self.pair("smolvlm", "smolvlm.mmproj", ["clip.vision.projection_dim": 40])
        }
    }

    @Test func filesInEachOthersPlaceAreRefused() {
        #expect(
            throws: GGUFPairError(.notAProjector(architecture: "llama"), textPath: "TEXT", projectorPath: "MMPROJ")
        ) {
            try Self.pair("smolvlm.mmproj", "smolvlm")
        }
        #expect(throws: GGUFPairError(.notAText(architecture: "clip"), textPath: "TEXT", projectorPath: "MMPROJ")) {
            try Self.pair("smolvlm.mmproj", "smolvlm.mmproj")
        }
    }

    @Test(arguments: [
        ("qwen2", "gemma3-vlm.mmproj", "gemma3-vl", "gemma3", ["gemma3"]),
        ("gemma3", "smolvlm.mmproj", "idefics3", "idefics3", ["llama"]),
        ("smolvlm", "qwen2.5-vl.mmproj", "qwen2-vl", "qwen2.5vl_merger", ["qwen2vl"]),
    ])
    func aProjectorOfAnotherFamilyIsRefused(
        text: String,
        projector: String,
        family: String,
        type: String,
        expected: [String]
    ) throws {
        let pair = try Self.pair(text, projector, ["general.name": .text("tiny \(text)")])
        let found = try #require(pair.metadata["general.architecture"]?.string)
        let error = ArchitectureError(
            .otherTextModel(found: found, expected: expected.map { ByteString($0) }),
            architecture: family,
            subject: ByteString(type)
        )
        #expect(throws: error) { try MappedSource.resolve(pair) }
    }

    /// A projector that no description has: nothing is lost, and nothing is claimed.
    @Test func anUnknownProjectorPassesThrough() throws {
        let pair = try Self.pair("smolvlm", "smolvlm.mmproj", ["clip.projector_type": "pixtral"])
        let mapped = try MappedSource.resolve(pair)
        #expect(mapped.model.architectureID == nil)
        #expect(mapped.tensors == pair.tensors)
    }
}
