import MMArchitectures
import MMBytes
import MMCheckpoints
import MMReference
import MMStorage
import MMTestSupport
import Testing

/// Prompts with pictures against the processors of transformers: the same ids.
@Suite struct PicturePromptTests {
    static let families = [
        "llava-1.5", "llava-next", "paligemma", "gemma3-vlm", "idefics3", "smolvlm", "qwen2-vl", "qwen2.5-vl",
        "qwen3-vl", "internvl",
    ]

    private static func json(_ path: String) throws -> JSONValue { try JSONValue(parsing: try Fixture.bytes(path)) }

    /// The ids of a golden's prompt, nil where it has another number of places than pictures.
    private static func ids(
        _ name: String,
        _ golden: JSONValue,
        changing change: (inout PicturePrompt) -> Void = { _ in }
    ) throws -> [Int]? {
        let source = try FusionOracle(name: name).mapped()
        let model = source.model
        var fusion = try #require(model.fusion)
        change(&fusion.prompt)
        let configuration = try Self.json("oracles/\(name)/preprocessor_config.json")
        let processor = ImageProcessor(configuration: try ImageProcessorConfiguration(configuration))
        let reader = try PictureReader(
            source: source,
            vision: #require(model.vision),
            connector: #require(model.connector),
            fusion: fusion,
            decoderWidth: #require(model.decoder).modelWidth,
            team: ThreadTeam(threadCount: 2)
        )
        let places = try (golden["images"]?.elements ?? []).map { image in
            let file = try #require(image.string).string
            let picture = PreparedPicture(try processor.process(try Picture(path: Fixture.path("images/good/\(file)"))))
            return PicturePrompt.Place(
                grid: picture.grid,
                tileCount: picture.tiles.count,
                tokenCount: try reader.read(picture).count
            )
        }
        let prompt = try #require(golden["prompt"]?.string)
        guard let text = fusion.prompt.writing(places, into: prompt) else { return nil }
        let tokenizer = try Tokenizer(tokenizerJSON: Self.json("prompts/\(name).tokenizer.json"))
        return try tokenizer.encode(text, addSpecialTokens: fusion.prompt.addsSpecialTokens).map(Int.init)
    }

    @Test(arguments: families)
    func idsAreThoseOfTheProcessor(name: String) throws {
        let golden = try Self.json("prompts/\(name).json")
        #expect(try Self.ids(name, golden) == golden["input_ids"]?.elements?.compactMap(\.integer))
    }

    static let mistakes: [(String, String, @Sendable (inout PicturePrompt) -> Void)] = [
        ("llava-1.5", "marker", { $0.marker = "<picture>" }),
        ("llava-1.5", "token", { $0.token = "a" }),
        ("gemma3-vlm", "begin", { $0.begin = "<start_of_image>" }),
        ("gemma3-vlm", "end", { $0.end = "<end_of_image>" }),
        ("internvl", "begin", { $0.begin = "" }),
        ("idefics3", "tiles", { $0.tiles = nil }),
        ("idefics3", "cells", { $0.tiles?.cell = "<row_{column}_col_{row}>" }),
        ("smolvlm", "ends of rows", { $0.tiles?.rowEnd = "" }),
        ("smolvlm", "end of tiles", { $0.tiles?.end = "" }),
        ("paligemma", "what is before pictures", { $0.unmarked = "<image> " }),
        ("paligemma", "what is behind pictures", { $0.textBegin = "" }),
        ("paligemma", "what is behind the prompt", { $0.textEnd = "" }),
        ("llava-1.5", "special tokens", { $0.addsSpecialTokens = false }),
    ]

    @Test(arguments: mistakes)
    func everyMistakeShows(name: String, what: String, change: @Sendable (inout PicturePrompt) -> Void) throws {
        let golden = try Self.json("prompts/\(name).json")
        #expect(try Self.ids(name, golden, changing: change) != golden["input_ids"]?.elements?.compactMap(\.integer))
    }

    /// Pan and scan: the picture, then its crops, each a block of tokens that see each other.
    @Test func cropsAreThoseOfGemma() throws {
        let golden = try Self.json("prompts/gemma3-vlm.crops.json")
        let source = try FusionOracle(name: "gemma3-vlm").mapped()
        let fusion = try #require(source.model.fusion)
        let decoder = try #require(source.model.decoder)
        let team = ThreadTeam(threadCount: 2)
        let configuration = try ImageProcessorConfiguration(
            Self.json("oracles/gemma3-vlm/preprocessor_config.json"),
            options: #require(golden["settings"])
        )
        let picture = PreparedPicture(
            try ImageProcessor(configuration: configuration).process(
                Picture(path: Fixture.path("images/good/photo.jpg"))
            )
        )
        #expect(picture.tiles.count == 3)
        let reader = try PictureReader(
            source: source,
            vision: #require(source.model.vision),
            connector: #require(source.model.connector),
            fusion: fusion,
            decoderWidth: decoder.modelWidth,
            team: team
        )
        let tokens = try reader.read(picture)
        let place = PicturePrompt.Place(grid: picture.grid, tileCount: 3, tokenCount: tokens.count)
        let prompt = try #require(golden["prompt"]?.string)
        let text = try #require(fusion.prompt.writing([place], into: prompt))
        let ids = try Tokenizer(tokenizerJSON: Self.json("prompts/gemma3-vlm.tokenizer.json")).encode(text)
        #expect(ids.map(Int.init) == golden["input_ids"]?.elements?.compactMap(\.integer))
        let layout = try SequenceLayout(of: ids, pictures: [tokens], fusion: fusion, prefixCount: ids.count)
        #expect(layout.blocks.count == 3)
        let model = try ReferenceDecoder(source: source, configuration: decoder, team: team)
        let logits = try Evaluation(model, ids, layout: layout).logits
        let expected = try #require(golden["logits"]?.elements).compactMap(\.double).map { Float($0) }
        #expect(relativeError(Array(logits.suffix(expected.count)), expected) <= GoldenLogitsTests.gate)
    }

    private static func prompt(_ name: String) throws -> PicturePrompt {
        try #require(FusionOracle(name: name).mapped().model.fusion).prompt
    }

    @Test func picturesGoBeforeAPromptWithoutPlaces() throws {
        let prompt = try Self.prompt("qwen2-vl")
        let place = PicturePrompt.Place(grid: .whole, tileCount: 1, tokenCount: 2)
        let picture = "<|vision_start|><|image_pad|><|image_pad|><|vision_end|>"
        #expect(prompt.writing([place, place], into: "why?") == ByteString(picture + picture + "why?"))
    }

    @Test func aPromptHasAsManyPlacesAsPictures() throws {
        let prompt = try Self.prompt("llava-1.5")
        let place = PicturePrompt.Place(grid: .whole, tileCount: 1, tokenCount: 2)
        #expect(prompt.placeCount(in: "<image><image> and <imag") == 2)
        #expect(prompt.writing([place], into: "<image> or <image>") == nil)
        #expect(prompt.writing([place], into: "a<image>b") == "a<image><image>b")
    }
}
