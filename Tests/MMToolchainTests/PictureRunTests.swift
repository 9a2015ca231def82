import Foundation
import MMBytes
import MMTestSupport
import MMToolchain
import Testing

/// run with pictures: what transformers generates, from the files of a bundle and of the pictures.
@Suite struct PictureRunTests {
    static let families = [
        "llava-1.5", "llava-next", "paligemma", "gemma3-vlm", "idefics3", "smolvlm", "qwen2-vl", "qwen2.5-vl",
        "qwen3-vl", "internvl",
    ]

    private static let images = ["photo.jpg", "odd.png"].map { Fixture.path("images/good/\($0)") }

    /// A bundle of fixtures/oracles/`name` with its tokenizer and the files `others`, without the files `left`.
    private static func bundle(
        _ name: String,
        in folder: TemporaryFolder,
        without left: [String] = [],
        with others: [String: [UInt8]] = [:]
    ) throws -> String {
        let source = folder.path("source")
        try FileManager.default.copyItem(atPath: Fixture.path("oracles/\(name)"), toPath: source)
        let tokenizer = try Fixture.bytes("prompts/\(name).tokenizer.json")
        try Data(tokenizer).write(to: URL(fileURLWithPath: "\(source)/tokenizer.json"))
        for file in left { try FileManager.default.removeItem(atPath: "\(source)/\(file)") }
        for (file, bytes) in others { try Data(bytes).write(to: URL(fileURLWithPath: "\(source)/\(file)")) }
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

    private static let configuration = Array(#"{"bos_token": "<bos>", "eos_token": "<eos>"}"#.utf8)

    @Test(arguments: families.filter { $0 != "paligemma" })
    func chatsAreSpelledAsProcessorsDo(name: String) throws {
        let folder = try TemporaryFolder()
        let golden = try JSONValue(parsing: try Fixture.bytes("prompts/\(name).chats.json"))
        let template = try Fixture.bytes("templates/\(try #require(golden["template"]?.string)).jinja")
        let bundle = try Self.bundle(
            name,
            in: folder,
            with: ["tokenizer_config.json": Self.configuration, "chat_template.jinja": template]
        )
        let session = try GenerationSession(path: bundle, width: 2)
        for chat in try #require(golden["chats"]?.elements) {
            let prompt = GenerationPrompt.chat(
                user: try #require(chat["prompt"]?.string),
                system: chat["system"]?.string
            )
            let images = try #require(chat["images"]?.elements).compactMap(\.string)
                .map { Fixture.path("images/good/\($0.string)") }
            let prepared = try session.prepare(prompt, images: images)
            #expect(prepared.spelled == chat["spelled"]?.string)
            #expect(prepared.ids.map(Int.init) == chat["input_ids"]?.elements?.compactMap(\.integer))
            var bytes: [UInt8] = []
            _ = try session.generate(prompt: prompt, images: images, limit: 12, temperature: 0, seed: 0) { bytes += $0 }
            #expect(String(decoding: bytes, as: UTF8.self) == chat["text"]?.string?.string)
        }
    }

    /// A template that takes texts alone is given the family's marker in them.
    @Test func aTemplateOfTextsGetsMarkers() throws {
        let folder = try TemporaryFolder()
        let template = "{% for m in messages %}{{ m.role + ': ' + m.content }}{% endfor %}"
        let bundle = try Self.bundle(
            "llava-next",
            in: folder,
            with: ["chat_template.jinja": Array(template.utf8)]
        )
        let session = try GenerationSession(path: bundle, width: 2)
        let chat = GenerationPrompt.chat(user: "why?", system: "be kind.")
        let prepared = try session.prepare(chat, images: Self.images)
        #expect(prepared.spelled == "system: be kind.user: <image>\n<image>\nwhy?")
        let marked = GenerationPrompt.chat(user: "<image> why <image>?", system: nil)
        #expect(try session.prepare(marked, images: Self.images).spelled == "user: <image> why <image>?")
    }

    @Test func aTemplateWithoutPicturesIsRefused() throws {
        let folder = try TemporaryFolder()
        let template = "{% for m in messages %}{% for p in m.content %}{{ p.text }}{% endfor %}{% endfor %}"
        let bundle = try Self.bundle(
            "llava-1.5",
            in: folder,
            with: ["chat_template.jinja": Array(template.utf8)]
        )
        let session = try GenerationSession(path: bundle, width: 2)
        #expect(throws: ToolchainError.self) {
            _ = try session.prepare(.chat(user: "<image> a", system: nil), images: Self.images)
        }
    }

    @Test func cropsAreShownWhereTheProcessorMakesThem() throws {
        let folder = try TemporaryFolder()
        let golden = try JSONValue(parsing: try Fixture.bytes("prompts/gemma3-vlm.crops.json"))
        let own = try JSONValue(parsing: try Fixture.bytes("oracles/gemma3-vlm/preprocessor_config.json"))
        // A member that comes again would be malformed.
        let settings = try #require(golden["settings"]?.members)
        let kept = try #require(own.members).filter { member in !settings.contains { $0.name == member.name } }
        let bundle = try Self.bundle(
            "gemma3-vlm",
            in: folder,
            with: ["preprocessor_config.json": JSONValue.object(kept + settings).serialized()]
        )
        let prompt = try #require(golden["prompt"]?.string)
        let (text, promptCount) = try Self.generate(bundle, prompt, images: Array(Self.images.prefix(1)))
        #expect(promptCount == golden["input_ids"]?.elements?.count)
        #expect(text == golden["text"]?.string?.string)
    }

    @Test func cropsAreForModelsThatTakeThem() throws {
        let folder = try TemporaryFolder()
        let bundle = try Self.bundle("llava-1.5", in: folder)
        let session = try GenerationSession(path: bundle, width: 2)
        #expect(throws: ToolchainError(.takesNoCrops, path: bundle)) {
            _ = try session.prepare(.text("a"), images: Self.images, isPanning: true)
        }
        let other = try TemporaryFolder()
        let gemma = try GenerationSession(path: try Self.bundle("gemma3-vlm", in: other), width: 2)
        // Crops of less than 256 pixels are not made.
        #expect(try gemma.prepare(.text("a"), images: Self.images, isPanning: true).ids.count < 48)
    }

    @Test(arguments: [("qwen2-vl", "<|video_pad|>"), ("qwen3-vl", "<|video_pad|>"), ("internvl", "<video>")])
    func filmsAreRefused(name: String, marker: String) throws {
        let folder = try TemporaryFolder()
        let bundle = try Self.bundle(name, in: folder)
        let session = try GenerationSession(path: bundle, width: 2)
        #expect(throws: ToolchainError(.takesNoFilms(marker: marker), path: bundle)) {
            _ = try session.prepare(.text(ByteString("a \(marker)")))
        }
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
