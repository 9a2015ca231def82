import MMArchitectures
import MMBytes
import MMCheckpoints
import MMReference
import MMStorage
import MMTensors
import MMTestSupport
import Testing

/// The trained models against CLIPVisionModel and Qwen3 of transformers and timm's RegStage, from pictures and text to
/// logits and answers: fixtures/mm1/golden.py.
@Suite struct MM1GoldenTests {
    static let models = ["nano", "nano-moe"]
    /// What the issue asks for.
    private static let gate = 1e-4

    private struct Model {
        let source: MappedSource
        let reader: PictureReader
        let decoder: ReferenceDecoder
        let processor: ImageProcessor
        let tokenizer: Tokenizer
        let golden: MemorySource
        let facts: JSONValue
        let team = ThreadTeam(threadCount: 2)

        init(_ name: String) throws {
            func json(_ file: String) throws -> JSONValue { try JSONValue(parsing: try Fixture.bytes("mm1/\(file)")) }
            source = try MappedSource.resolve(Checkpoint.open(Fixture.path("mm1/\(name)")))
            let configuration = try #require(source.model.decoder, "\(source.model.reason ?? "")")
            decoder = try ReferenceDecoder(source: source, configuration: configuration, team: team)
            reader = try PictureReader(
                source: source,
                vision: #require(source.model.vision),
                connector: #require(source.model.connector),
                fusion: #require(source.model.fusion),
                decoderWidth: configuration.modelWidth,
                team: team
            )
            processor = ImageProcessor(
                configuration: try ImageProcessorConfiguration(json("\(name)/preprocessor_config.json"))
            )
            tokenizer = try Tokenizer(
                tokenizerJSON: json("\(name)/tokenizer.json"),
                tokenizerConfiguration: json("\(name)/tokenizer_config.json"),
                generationConfiguration: json("\(name)/generation_config.json")
            )
            golden = try MemorySource(safetensors: "mm1/golden/\(name).safetensors")
            facts = try json("golden/\(name).json")
        }

        var cases: [JSONMember] {
            get throws { try #require(facts["cases"]?.members) }
        }

        func pictures(_ facts: JSONValue) throws -> [PreparedPicture] {
            try #require(facts["pictures"]?.elements).map { number in
                let index = try #require(number.integer)
                let bytes = try #require(golden["picture.\(index)"]?.bytes)
                return PreparedPicture(try processor.process(try Picture(width: 72, height: 72, pixels: bytes)))
            }
        }

        /// The prompt's ids, its pictures in it.
        func prompt(_ facts: JSONValue, _ tokens: [PictureTokens]) throws -> [UInt32] {
            let text = try #require(facts["prompt"]?.string)
            let places = tokens.map { PicturePrompt.Place(grid: .whole, tileCount: 1, tokenCount: $0.count) }
            let written = tokens.isEmpty ? text : try #require(reader.fusion.prompt.writing(places, into: text))
            return try tokenizer.encode(written, addSpecialTokens: false)
        }

        func layout(_ ids: [UInt32], _ tokens: [PictureTokens]) throws -> SequenceLayout {
            try SequenceLayout(of: ids, pictures: tokens, fusion: reader.fusion, prefixCount: ids.count)
        }
    }

    @Test(arguments: models)
    func logitsAndAnswersAgree(name: String) throws {
        let model = try Model(name)
        #expect(try model.cases.count >= 6)
        for example in try model.cases {
            let tokens = try model.pictures(example.value).map { try model.reader.read($0) }
            let ids = try model.prompt(example.value, tokens)
            #expect(ids.map(Int.init) == model.golden.integers("\(example.name).input_ids"), "\(example.name)")
            if !tokens.isEmpty {
                let connected = tokens.flatMap { picture in
                    (0..<picture.count * model.reader.connector.width).map { picture.values.values($0..<$0 + 1)[0] }
                }
                let expected = model.golden.floats("\(example.name).connector.out")
                #expect(relativeError(connected, expected) <= Self.gate, "\(example.name)")
            }
            let layout = try model.layout(ids, tokens)
            let evaluation = try Evaluation(model.decoder, ids, layout: layout)
            let expected = model.golden.floats("\(example.name).logits")
            let found = Array(evaluation.logits.suffix(expected.count))
            #expect(relativeError(found, expected) <= Self.gate, "\(example.name)")
            let answer = try Self.answer(model, ids, layout)
            #expect(answer == model.golden.integers("\(example.name).answer_ids"), "\(example.name)")
            let text = String(decoding: model.tokenizer.decode(answer.dropLast().map(UInt32.init)), as: UTF8.self)
            #expect(text == example.value["answer"]?.string?.string)
        }
    }

    /// The likeliest tokens up to the one that ends generation, 64 at most.
    private static func answer(_ model: Model, _ ids: [UInt32], _ layout: SequenceLayout) throws -> [Int] {
        let state = try model.decoder.makeState(capacity: ids.count + 64)
        state.layout = layout
        var answer: [UInt32] = []
        var next = ids
        while answer.count < 64, answer.last.map({ !model.tokenizer.endOfGenerationIDs.contains($0) }) ?? true {
            var likeliest = 0
            try model.decoder.evaluate(next, state: state, wanting: .last) {
                likeliest = TokenSampler.indexOfMaximum($1)
            }
            next = [UInt32(likeliest)]
            answer += next
        }
        return answer.map(Int.init)
    }

    @Test(arguments: models)
    func everyLayerAgrees(name: String) throws {
        let model = try Model(name)
        let example = try #require(try model.cases.first { $0.name == "where" })
        let picture = try #require(try model.pictures(example.value).first)
        let tile = try #require(picture.tiles.first)
        #expect(relativeError(tile.values, model.golden.floats("where.pixel_values")) <= 1e-6)
        var seen: [String: [Float]] = [:]
        _ = try model.reader.read([tile]) { feature, values in
            seen[feature.description] = values.withUnsafeBufferPointer { Array($0) }
        }
        let tokens = try model.reader.read(picture)
        let ids = try model.prompt(example.value, [tokens])
        let evaluation = try Evaluation(model.decoder, ids, layout: try model.layout(ids, [tokens]))
        for layer in 0..<4 {
            let tower = try #require(seen["vision.layer.\(layer)"])
            let decoder = try #require(evaluation.activations[.layer(layer)])
            #expect(relativeError(tower, model.golden.floats("where.vision.layer.\(layer)")) <= Self.gate)
            #expect(relativeError(decoder, model.golden.floats("where.layer.\(layer)")) <= Self.gate)
        }
        #expect(relativeError(evaluation.logits, model.golden.floats("where.logits")) <= Self.gate)
    }
}
