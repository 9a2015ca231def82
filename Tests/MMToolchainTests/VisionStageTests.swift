import Foundation
import MMBytes
import MMTestSupport
import MMToolchain
import Testing

/// A vision tower through convert and verify.
@Suite struct VisionStageTests {
    private static func verify(_ bundle: String, against source: String) throws -> VerifyReport {
        try VerifyJob.run(bundlePath: bundle, sourcePath: source, options: VerifyOptions(width: 2)) { _ in }
    }

    /// A copy of fixtures/vision/`name` whose config.json says `new` for `old`.
    private static func copy(_ name: String, in folder: TemporaryFolder, saying new: String, for old: String) throws
        -> String
    {
        let path = folder.path("other")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let weights = try Fixture.bytes("vision/\(name)/model.safetensors")
        try Data(weights).write(to: URL(fileURLWithPath: "\(path)/model.safetensors"))
        let text = String(decoding: try Fixture.bytes("vision/\(name)/config.json"), as: UTF8.self)
        try #require(text.contains(old))
        try Data(text.replacing(old, with: new).utf8).write(to: URL(fileURLWithPath: "\(path)/config.json"))
        return path
    }

    private static func convert(_ source: String, in folder: TemporaryFolder) throws -> String {
        let path = folder.path("out.mmpack")
        _ = try WriteJob(WriteOptions(sourcePath: source, outputPath: path, width: 2)).run { _ in }
        return path
    }

    @Test(arguments: ["clip", "aimv2", "qwen2.5-vl", "qwen3-vl"])
    func aTowerIsRunOnBothSides(name: String) throws {
        let folder = try TemporaryFolder()
        let source = Fixture.path("vision/\(name)")
        let report = try Self.verify(try Self.convert(source, in: folder), against: source)
        #expect(report.isPassed)
        let stage = try #require(report.stages.last)
        #expect(stage.verdict == .passed)
        #expect(stage.figures["first_difference"] == .null)
        #expect((stage.figures["activations"]?.elements ?? []).count >= 4)
    }

    @Test(arguments: [
        ("clip", "\"quick_gelu\"", "\"gelu\"", "vision.layer.0"),
        ("qwen2.5-vl", "\"window_size\": 16", "\"window_size\": 32", "vision.layer.0"),
        ("qwen3-vl", "    0,\n    2\n", "    1,\n    2\n", "connector.deepstack.0"),
    ])
    func aWrongKnobIsSeenAndItsFirstLayerNamed(name: String, old: String, new: String, first: String) throws {
        let folder = try TemporaryFolder()
        let wrong = try Self.copy(name, in: folder, saying: new, for: old)
        let report = try Self.verify(try Self.convert(wrong, in: folder), against: Fixture.path("vision/\(name)"))
        #expect(report.stages[2].verdict == .passed)
        let stage = try #require(report.stages.last)
        #expect(stage.verdict == .failed)
        #expect(stage.figures["first_difference"] == .text(first))
        #expect(stage.failures.first?.hasPrefix("\(first) is the first activation that differs, by ") == true)
    }
}
