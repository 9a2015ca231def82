import MMBytes
import MMReference
import MMTestSupport
import Testing

/// Image processors against the Pillow classes of transformers, in every bit of the f32 values.
@Suite("Image processors")
struct ImageProcessorTests {
    static let processors = (try? ImageGolden.json("processed.json"))?["processors"]?.elements ?? []
    static let names = processors.compactMap { $0["name"]?.string?.string }

    static func golden(_ name: String) throws -> JSONValue {
        try #require(processors.first { $0["name"]?.string == ByteString(name) })
    }

    static func processor(_ name: String, options: JSONValue = [:]) throws -> ImageProcessor {
        let description = try #require(try golden(name)["description"])
        return ImageProcessor(configuration: try ImageProcessorConfiguration(description, options: options))
    }

    @Test func thereAreGoldens() {
        #expect(Self.names.count == 28)
    }

    @Test(arguments: names)
    func valuesEqualTransformers(name: String) throws {
        let processor = try Self.processor(name)
        let results = try #require(try Self.golden(name)["results"]?.members)
        #expect(results.count >= 3)
        for result in results {
            let image = try processor.process(try ImageGolden.picture(result.name.string))
            let shape = try #require(result.value["shape"]?.elements).compactMap(\.integer)
            try #require(image.shape == shape, "\(result.name)")
            #expect(image.values.count == shape.reduce(1, *))
            for value in try #require(result.value["values"]?.members) {
                let index = try #require(Int(value.name.string))
                #expect(image.values[index] == Float(try #require(value.value.double)), "\(result.name) at \(index)")
            }
            #expect(ImageGolden.digest(image.values) == result.value["sha256"]?.string?.string, "\(result.name)")
            check(image, result.value)
        }
    }

    private func check(_ image: ProcessedImage, _ golden: JSONValue) {
        switch image.layout {
        case .planes(let tileCount, _): #expect(image.tiles.count == tileCount)
        case .patches(let grid, _):
            #expect([grid.frames, grid.rows, grid.columns] == golden["grid"]?.elements?.compactMap(\.integer))
        }
        if let tiles = golden["tiles"]?.elements?.compactMap(\.integer) {
            #expect([image.tiles.rows, image.tiles.columns] == tiles)
        }
    }

    @Test func tilesComeWithTheirGrid() throws {
        let wide = try ImageGolden.picture("wide.png")
        let next = try Self.processor("llava-next").process(wide)
        #expect(next.tiles == TileGrid(rows: 1, columns: 3, overview: .first))
        #expect(next.original == Extent(width: 150, height: 23))
        let pan = try Self.processor("gemma3-pan").process(wide)
        #expect(pan.tiles == TileGrid(rows: 1, columns: 4, overview: .first))
        let grid = try Self.processor("internvl").process(wide)
        #expect(grid.tiles == TileGrid(rows: 1, columns: 6, overview: .last))
        #expect(try Self.processor("smolvlm").process(wide).tiles == TileGrid(rows: 1, columns: 3, overview: .last))
        #expect(try Self.processor("gemma3").process(wide).tiles == .whole)
    }

    @Test func processorsOfModelsSetWhatTransformersSets() throws {
        let internVL: JSONValue = [
            "image_processor_type": "GotOcr2ImageProcessorFast", "processor_class": "InternVLProcessor",
            "crop_to_patches": false,
        ]
        guard case .aspectGrid = try ImageProcessorConfiguration(internVL).tiling else {
            Issue.record("InternVL's processor cuts tiles whatever its file says")
            return
        }
        let gemma: JSONValue = ["processor_class": "Gemma3Processor", "image_processor": ["do_pan_and_scan": true]]
        #expect(try ImageProcessorConfiguration(gemma).tiling == .none)
        #expect(
            try ImageProcessorConfiguration(gemma, options: ["do_pan_and_scan": true]).tiling
                == .panAndScan(leastSide: 256, mostCount: 4, leastRatio: 1.2)
        )
    }

    @Test func namesOfAllBackendsAreOneClass() throws {
        let spellings: [JSONValue] = [
            "SiglipImageProcessor", "SiglipImageProcessorFast", "SiglipImageProcessorPil",
        ]
        let configurations = try spellings.map {
            try ImageProcessorConfiguration(
                .object([
                    JSONMember(name: "image_processor_type", value: $0)
                ])
            )
        }
        #expect(Set(configurations).count == 1)
    }

    @Test(
        arguments: [
            (["image_processor_type": "ConvNextImageProcessor"], "ConvNextImageProcessor is not supported"),
            (["processor_class": "WhisperProcessor"], "WhisperProcessor is not supported"),
            (["size": 3], "has none of image_processor_type"),
            ([1], "not a JSON object"),
            (["image_processor_type": "CLIPImageProcessor", "resample": 4], "\"resample\" is 4"),
            (["image_processor_type": "CLIPImageProcessor", "size": ["longest_edge": 3]], "\"size\" is not a height"),
            (
                ["image_processor_type": "CLIPImageProcessor", "size": ["shortest_edge": 0]],
                "\"size.shortest_edge\" is 0"
            ),
            (["image_processor_type": "CLIPImageProcessor", "size": ["shortest_edge": 1e300]], "is 1e+300"),
            (["image_processor_type": "CLIPImageProcessor", "crop_size": [1, 2, 3]], "\"crop_size\" is not"),
            (["image_processor_type": "CLIPImageProcessor", "do_resize": 1], "\"do_resize\" is not true or false"),
            (["image_processor_type": "SiglipImageProcessor", "image_std": 0], "\"image_std\" is 0"),
            (["image_processor_type": "SiglipImageProcessor", "image_mean": [1, 2]], "three of them"),
            (["image_processor_type": "Qwen2VLImageProcessor", "patch_size": 1.5], "\"patch_size\" is 1.5"),
            (
                ["image_processor_type": "LlavaNextImageProcessor", "image_grid_pinpoints": [[225, 224]]],
                "whole squares"
            ),
        ] as [(JSONValue, String)]
    )
    func impossibleDescriptionsAreRefused(description: JSONValue, message: String) throws {
        let error = try #require(throws: ImageProcessorError.self) { try ImageProcessorConfiguration(description) }
        #expect(error.description.contains(message), "\(error)")
        #expect(error.category == .badData)
    }

    @Test func picturesThatAProcessorCannotTakeAreRefused() throws {
        let line = try Picture.drawn(index: 0, width: 1, height: 12_000)
        #expect(throws: ImageProcessorError.self) { try Self.processor("qwen2-vl").process(line) }
        // 224 pixels for the shorter side would be 2688000 for the longer one.
        #expect(throws: PictureError.self) { try Self.processor("clip-default").process(line) }
        let unsized = try Self.processor("qwen2-vl", options: ["do_resize": false])
        #expect(throws: ImageProcessorError.self) { try unsized.process(try ImageGolden.picture("odd.png")) }
        let many = try Self.processor("gemma3-pan", options: ["do_resize": false])
        #expect(throws: ImageProcessorError.self) { try many.process(try ImageGolden.picture("wide.png")) }
        let large = try Self.processor(
            "internvl-many",
            options: ["size": 2048, "min_patches": 16, "max_patches": 1024]
        )
        #expect(throws: PictureError.self) { try large.process(try ImageGolden.picture("odd.png")) }
    }
}
