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
        "llava-1.5", "llava-next", "paligemma", "gemma3-vlm", "idefics3", "qwen2-vl", "qwen2.5-vl", "qwen3-vl",
        "internvl",
    ]

    private static func json(_ path: String) throws -> JSONValue { try JSONValue(parsing: try Fixture.bytes(path)) }

    @Test(arguments: families)
    func idsAreThoseOfTheProcessor(name: String) throws {
        let golden = try Self.json("prompts/\(name).json")
        let source = try FusionOracle(name: name).mapped()
        let model = source.model
        let fusion = try #require(model.fusion)
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
        let text = try #require(fusion.prompt.writing(places, into: prompt))
        let tokenizer = try Tokenizer(tokenizerJSON: Self.json("prompts/\(name).tokenizer.json"))
        let ids = try tokenizer.encode(text, addSpecialTokens: fusion.prompt.addsSpecialTokens)
        #expect(ids.map(Int.init) == golden["input_ids"]?.elements?.compactMap(\.integer))
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
