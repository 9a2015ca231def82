import MMArchitectures
import MMBytes
import MMCheckpoints
import MMReference
import MMStorage
import MMTensors
import MMTestSupport
import Testing

/// Models that came from GGUF, laid out for Hugging Face again.
@Suite struct GGUFExportTests {
    /// The tensors and the config.json that an export writes.
    private static func exported(_ mapped: MappedSource) throws -> ConfiguredSource {
        let configuration = try #require(try mapped.huggingFaceConfiguration(type: .f32))
        let laidOut = try RearrangedSource(try HuggingFaceNorms(mapped), claims: mapped.huggingFaceClaims())
        var source = try ConfiguredSource(path: "oracles/qwen3")
        source.memory = try MemorySource(copying: laidOut)
        source.configuration = .huggingFace(configuration)
        return source
    }

    private static func open(_ name: String) throws -> any TensorSource {
        try Checkpoint.open(Fixture.path("oracles/gguf/\(name).gguf"))
    }

    private static func pair(_ name: String, _ changes: KeyValuePairs<String, JSONValue>) throws -> MappedSource {
        try MappedSource.resolve(
            GGUFPair(
                text: try open(name),
                textPath: "TEXT",
                projector: RekeyedSource(try open("\(name).mmproj"), changes),
                projectorPath: "MMPROJ"
            )
        )
    }

    @Test(arguments: [
        ("mistral", "mistral-gguf"), ("mixtral", "mixtral"), ("qwen2", "qwen2"), ("qwen2-moe", "qwen2-moe-gguf"),
        ("qwen3", "qwen3"), ("qwen3-moe", "qwen3-moe-gguf"), ("smollm3", "smollm3"), ("olmo2", "olmo2"),
        ("gemma2", "gemma2-gguf"), ("gemma3", "gemma3-gguf"), ("phi3", "phi3"),
    ])
    func aTextModelIsTheSameInTheOtherLayout(name: String, golden goldenName: String) throws {
        let source = try MappedSource.resolve(try Self.exported(try MappedSource.resolve(try Self.open(name))))
        let decoder = try ReferenceDecoder(
            source: source,
            configuration: try #require(source.model.decoder),
            team: ThreadTeam(threadCount: 2)
        )
        let golden = try MemorySource(safetensors: "oracles/golden/\(goldenName).safetensors")
        let length = try #require(golden["input_ids"]?.descriptor.shape.columnCount)
        let ids = golden.integers("input_ids").prefix(length).map { UInt32($0) }
        let expected = Array(golden.floats("logits").prefix(length * decoder.configuration.vocabularyCount))
        #expect(relativeError(try Evaluation(decoder, ids).logits, expected) <= GoldenLogitsTests.gate)
    }

    @Test(arguments: ["smolvlm", "qwen2.5-vl", "qwen3-vl", "internvl"])
    func aVisionLanguageModelIsTheSameInTheOtherLayout(name: String) throws {
        let mapped = try Self.pair(name, name == "qwen2.5-vl" ? ["clip.vision.window_size": 16] : [:])
        let source = try MappedSource.resolve(try Self.exported(mapped))
        #expect(source.model.architectureID == mapped.model.architectureID)
        #expect(source.model.decoder == mapped.model.decoder)
        #expect(source.model.vision == mapped.model.vision)
        #expect(source.model.connector == mapped.model.connector)
        #expect(source.model.fusion == mapped.model.fusion)
        let oracle = FusionOracle(name: name)
        let golden = try oracle.golden()
        let run = try oracle.run(source, golden) { $0.placeholderID = 90 }
        #expect(relativeError(run.evaluation.logits, golden.floats("logits")) <= GoldenLogitsTests.gate)
        let folder = try MemorySource(safetensors: "oracles/\(name)/model.safetensors")
        let own = Set(try Self.exported(mapped).tensors.map(\.name))
        #expect(own == Set(folder.tensors.map(\.name)))
    }

    /// What lies behind the block that is looked at is not there any more, and config.json says so.
    @Test(arguments: ["llava-1.5", "llava-next"])
    func llavaIsTheSameWithoutItsLastBlocks(name: String) throws {
        let mapped = try Self.pair(name, [:])
        let source = try MappedSource.resolve(try Self.exported(mapped))
        #expect(source.model.architectureID == mapped.model.architectureID)
        #expect(source.model.decoder == mapped.model.decoder)
        #expect(source.model.vision == mapped.model.vision)
        #expect(source.model.connector == mapped.model.connector)
        let oracle = FusionOracle(name: name)
        let golden = try oracle.golden()
        let run = try oracle.run(source, golden) { $0.placeholderID = 90 }
        #expect(relativeError(run.evaluation.logits, golden.floats("logits")) <= GoldenLogitsTests.gate)
    }

    /// Norms as transformers has them: what it adds one to is what the folder had, as far as f32 holds one more.
    @Test(arguments: ["gemma2", "gemma3"])
    func normsAreThoseOfTheFolder(name: String) throws {
        let source = try Self.exported(try MappedSource.resolve(try Self.open(name)))
        let folder = try MemorySource(safetensors: "oracles/\(name)/model.safetensors")
        let norms = folder.tensors.map(\.name.string).filter { $0.contains("norm") }
        #expect(!norms.isEmpty)
        for norm in norms {
            let (found, expected) = (source.memory.floats(norm), folder.floats(norm))
            #expect(found.count == expected.count)
            #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= 1.2e-7 }, "\(norm)")
        }
    }
}
