import Foundation
import MMBytes
import MMTestSupport
import MMToolchain
import Testing

/// run with pictures: what transformers generates, from the files of a bundle and of the pictures.
@Suite struct PictureRunTests {
    static let families = [
        "llava-1.5", "llava-next", "paligemma", "gemma3-vlm", "idefics3", "qwen2-vl", "qwen2.5-vl", "qwen3-vl",
        "internvl",
    ]

    private static let images = ["photo.jpg", "odd.png"].map { Fixture.path("images/good/\($0)") }

    /// A bundle of fixtures/oracles/`name` with its tokenizer, without the files `left`.
    private static func bundle(_ name: String, in folder: TemporaryFolder, without left: [String] = []) throws -> String
    {
        let source = folder.path("source")
        try FileManager.default.copyItem(atPath: Fixture.path("oracles/\(name)"), toPath: source)
        let tokenizer = try Fixture.bytes("prompts/\(name).tokenizer.json")
        try Data(tokenizer).write(to: URL(fileURLWithPath: "\(source)/tokenizer.json"))
        for file in left { try FileManager.default.removeItem(atPath: "\(source)/\(file)") }
        let path = folder.path("out.mmpack")
        _ = try WriteJob(WriteOptions(sourcePath: source, outputPath: path, width: 2)).run { _ in }
        return path
    }

    private static func generate(_ bundle: String, _ prompt: ByteString, images: [String]) throws -> (String, Int) {
        var bytes: [UInt8] = []
        let summary = try GenerationSession(path: bundle, width: 2)
            .generate(prompt: .text(prompt), images: images, limit: 12, temperature: 0, seed: 0) { bytes += $0 }
        return (String(decoding: bytes, as: UTF8.self), summary.promptCount)
    }

    @Test(arguments: families)
    func theModelSaysWhatTransformersSays(name: String) throws {
        let golden = try JSONValue(parsing: try Fixture.bytes("prompts/\(name).json"))
        let folder = try TemporaryFolder()
        let (text, promptCount) = try Self.generate(
            try Self.bundle(name, in: folder),
            try #require(golden["prompt"]?.string),
            images: Self.images
        )
        #expect(promptCount == golden["input_ids"]?.elements?.count)
        #expect(text == golden["text"]?.string?.string)
    }

    @Test func picturesNeedAModelThatTakesThem() throws {
        #expect(throws: ToolchainError(.takesNoPictures, path: Fixture.path("oracles/llama-tied"))) {
            try Self.generate(Fixture.path("oracles/llama-tied"), "a", images: Self.images)
        }
    }

    @Test func picturesNeedAnImageProcessor() throws {
        let folder = try TemporaryFolder()
        let bundle = try Self.bundle("qwen2-vl", in: folder, without: ["preprocessor_config.json"])
        #expect(throws: ToolchainError(.noImageProcessor, path: bundle)) {
            try Self.generate(bundle, "a", images: Self.images)
        }
    }

    @Test func aPromptWithOtherPlacesIsRefused() throws {
        let folder = try TemporaryFolder()
        let bundle = try Self.bundle("llava-1.5", in: folder)
        #expect(throws: ToolchainError(.picturesDoNotFit(places: 1, pictures: 2), path: bundle)) {
            try Self.generate(bundle, "<image> a", images: Self.images)
        }
    }
}
