import Foundation
import MMBytes
import MMQuantization
import MMStorage
import MMTestSupport
import MMToolchain
import Testing

/// A vision-language model through convert and verify: from the picture to the logits.
@Suite struct FusionStageTests {
    static let families = [
        "llava-1.5", "llava-next", "paligemma", "gemma3-vlm", "idefics3", "smolvlm", "qwen2-vl", "qwen2.5-vl",
        "qwen3-vl",
        "internvl",
    ]

    private static func verify(
        _ source: String,
        against base: String,
        in folder: TemporaryFolder,
        recipe: String? = nil,
        images: [String] = []
    ) throws -> VerifyReport {
        let path = folder.path("out.mmpack")
        var write = WriteOptions(sourcePath: source, outputPath: path, width: 2)
        write.recipe = try recipe.map { try QuantizationRecipe.named($0) }
        _ = try WriteJob(write).run { _ in }
        var options = VerifyOptions(width: 2)
        options.tokenLimit = 48
        options.images = images
        if recipe != nil { (options.maximumDivergence, options.minimumAgreement) = (1, 0.1) }
        return try VerifyJob.run(bundlePath: path, sourcePath: base, options: options) { _ in }
    }

    private static func names(_ stage: VerifyStage) -> [String] {
        (stage.figures["activations"]?.elements ?? []).compactMap { $0["name"]?.string?.string }
    }

    @Test(arguments: families)
    func everyPartOfALosslessBundleIsTheSame(name: String) throws {
        let source = Fixture.path("oracles/\(name)")
        let report = try Self.verify(source, against: source, in: try TemporaryFolder())
        #expect(report.isPassed)
        let stage = try #require(report.stages.last)
        #expect(stage.figures["pictures"] == 2)
        #expect(stage.figures["first_difference"] == .null)
        let names = Self.names(stage)
        // In the order of computing.
        let parts = ["vision.embed", "vision.layer.0", "connector.out", "text.embed", "text.layer.0", "logits"]
        #expect(names.filter { parts.contains($0) } == parts)
        let path = Fixture.repository.appendingPathComponent("formats/schemas/verify.json")
        let schema = JSONSchema(try JSONValue(parsing: Array(try Data(contentsOf: path))))
        #expect(schema.violations(report.json) == [])
    }

    @Test func givenPicturesAreEvaluated() throws {
        let source = Fixture.path("oracles/smolvlm")
        let images = ["photo.jpg", "tall.png", "odd.png"].map { Fixture.path("images/good/\($0)") }
        let report = try Self.verify(source, against: source, in: try TemporaryFolder(), images: images)
        let stage = try #require(report.stages.last)
        #expect(stage.verdict == .passed)
        #expect(stage.figures["pictures"] == 3)
        #expect(stage.summary.contains("3 given pictures"))
    }

    @Test func picturesAreNotForModelsOfText() throws {
        let source = Fixture.path("oracles/llama-tied")
        let folder = try TemporaryFolder()
        #expect(throws: ToolchainError(.takesNoPictures, path: folder.path("out.mmpack"))) {
            try Self.verify(source, against: source, in: folder, images: [Fixture.path("images/good/photo.jpg")])
        }
    }

    @Test func aQuantizedDecoderHasFiguresForEveryPart() throws {
        let source = Fixture.path("oracles/gemma3-vlm")
        let report = try Self.verify(source, against: source, in: try TemporaryFolder(), recipe: "q8")
        let stage = try #require(report.stages.last)
        #expect(stage.verdict == .passed)
        // The tower stays as it is.
        #expect(stage.figures["first_difference"] == "text.embed")
        #expect(stage.summary.contains("; activations differ by at most vision."))
        let path = Fixture.repository.appendingPathComponent("formats/schemas/verify.json")
        let schema = JSONSchema(try JSONValue(parsing: Array(try Data(contentsOf: path))))
        #expect(schema.violations(report.json) == [])
        // Of what stays as it is every bit, of what does not as much as layers add up to.
        let limits = (stage.figures["activations"]?.elements ?? []).map {
            ($0["name"]?.string, $0["max_departure"]?.double)
        }
        #expect(limits.contains { $0 == ("vision.layer.0", 0) } && limits.contains { $0 == ("connector.out", 0) })
        #expect(limits.contains { $0.0 == "text.layer.1" && abs(($0.1 ?? 0) - 1.5 * 0.015 * 1.25.squareRoot()) < 1e-9 })
        #expect(limits.contains { $0 == ("logits", nil) })
    }

    /// Parts that the recipe leaves as they are must be exact; the others keep to their limits.
    @Test(arguments: [
        ("gemma3-vlm", "vision_tower.encoder.layers.1.mlp.fc1.weight", "vision.layer.1"),
        ("gemma3-vlm", "multi_modal_projector.mm_soft_emb_norm.weight", "connector.out"),
        ("qwen3-vl", "model.visual.deepstack_merger_list.1.linear_fc2.weight", "connector.deepstack.1"),
    ])
    func whatAQuantizedBundleDamagesIsNamed(name: String, tensor: String, first: String) throws {
        let folder = try TemporaryFolder()
        let source = try Self.damaged(name, tensor, in: folder)
        let report = try Self.verify(source, against: Fixture.path("oracles/\(name)"), in: folder, recipe: "q8")
        let stage = try #require(report.stages.last)
        #expect(stage.verdict == .failed)
        #expect(stage.failures.contains { $0.hasPrefix("\(first) is the first activation over its limit") })
        #expect(stage.failures.contains { $0.contains("must be equal bit for bit") })
    }

    @Test func aLimitThatIsAskedForReplacesThoseOfLayers() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("out.mmpack")
        var write = WriteOptions(sourcePath: Fixture.path("oracles/gemma3-vlm"), outputPath: path, width: 2)
        write.recipe = try QuantizationRecipe.named("q4")
        _ = try WriteJob(write).run { _ in }
        var options = VerifyOptions(width: 2)
        (options.maximumDivergence, options.minimumAgreement) = (1, 0.1)
        options.tokenLimit = 48
        func failures(_ limit: Double) throws -> [String] {
            options.maximumDeparture = limit
            let source = Fixture.path("oracles/gemma3-vlm")
            return try VerifyJob.run(bundlePath: path, sourcePath: source, options: options) { _ in }.stages[3].failures
        }
        #expect(try failures(0.5) == [])
        let found = try failures(0.05)
        #expect(found.count == 1 && found[0].hasPrefix("text.layer.0 is the first activation over its limit"))
        #expect(found[0].contains("at most 5.0 % is allowed"))
    }

    @Test func picturesGivenToConvertAreEvaluatedToo() throws {
        let folder = try TemporaryFolder()
        var write = WriteOptions(
            sourcePath: Fixture.path("oracles/llava-1.5"),
            outputPath: folder.path("out.mmpack"),
            width: 2
        )
        var options = VerifyOptions(width: 2)
        options.tokenLimit = 48
        options.images = [Fixture.path("images/good/photo.jpg")]
        write.verification = options
        guard case .written(let report) = try WriteJob(write).run(progress: { _ in }) else {
            Issue.record("not written")
            return
        }
        let stage = try #require(report.json["verification"]?["stages"]?.elements?.last)
        #expect(stage["summary"]?.string?.string.contains("1 given picture") == true)
        // Before anything is written.
        write.outputPath = folder.path("other.mmpack")
        options.images = [folder.path("none.png")]
        write.verification = options
        #expect(throws: FileError.self) { try WriteJob(write).run { _ in } }
        write.sourcePath = Fixture.path("oracles/llama-tied")
        #expect(throws: ToolchainError(.takesNoPictures, path: write.sourcePath)) { try WriteJob(write).run { _ in } }
        #expect(!FileManager.default.fileExists(atPath: folder.path("other.mmpack")))
    }

    /// A copy of fixtures/oracles/`name` with the sign of one weight of `tensor` turned.
    private static func damaged(_ name: String, _ tensor: String, in folder: TemporaryFolder) throws -> String {
        let path = folder.path("damaged")
        try FileManager.default.copyItem(atPath: Fixture.path("oracles/\(name)"), toPath: path)
        var bytes = try Fixture.bytes("oracles/\(name)/model.safetensors")
        let headerCount = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = try JSONValue(parsing: Array(bytes[8..<8 + headerCount]))
        let entry = try #require(header[ByteString(tensor)])
        #expect(entry["dtype"] == "BF16")
        let start = try #require(entry["data_offsets"]?.elements?.first?.integer)
        bytes[8 + headerCount + start + 1] ^= 0x80
        try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/model.safetensors"))
        return path
    }

    @Test(arguments: [
        ("llava-1.5", "vision_tower.embeddings.patch_embedding.weight", "vision.embed"),
        ("llava-1.5", "multi_modal_projector.linear_1.weight", "connector.out"),
        ("llava-next", "image_newline", "connector.out"),
        ("gemma3-vlm", "multi_modal_projector.mm_soft_emb_norm.weight", "connector.out"),
        ("qwen3-vl", "model.visual.merger.linear_fc1.weight", "connector.out"),
        ("qwen3-vl", "model.visual.deepstack_merger_list.1.linear_fc2.weight", "connector.deepstack.1"),
        ("qwen3-vl", "lm_head.weight", "logits"),
    ])
    func theFirstActivationThatDepartsIsNamed(name: String, tensor: String, first: String) throws {
        let folder = try TemporaryFolder()
        let source = try Self.damaged(name, tensor, in: folder)
        let report = try Self.verify(source, against: Fixture.path("oracles/\(name)"), in: folder)
        let stage = try #require(report.stages.last)
        #expect(stage.verdict == .failed)
        #expect(stage.figures["first_difference"] == .text(first))
        #expect(stage.failures.contains { $0.hasPrefix("\(first) is the first activation that differs, by ") })
    }
}
