import MMArchitectures
import MMBytes
import MMCheckpoints
import MMReference
import MMStorage
import MMTestSupport
import Testing

/// How MM1 and MM1.5 take pictures.
@Suite struct PicturePolicyTests {
    private static func processor(_ settings: JSONValue) throws -> ImageProcessor {
        let members: [JSONMember] = [.init(name: "image_processor_type", value: "MM1ImageProcessor")]
        let json = JSONValue.object(members + (settings.members ?? []))
        return ImageProcessor(configuration: try ImageProcessorConfiguration(json))
    }

    private static func picture(_ width: Int, _ height: Int) throws -> Picture {
        try Picture.drawn(index: 0, width: width, height: height)
    }

    /// Equation 1 of MM1.5, stated a second time with fractions: fixtures/mm1/grids.py.
    @Test func gridsAreThoseOfTheEquation() throws {
        let golden = try JSONValue(parsing: try Fixture.bytes("mm1/grids.json"))
        let cases = try #require(golden["cases"]?.elements)
        #expect(cases.count > 900)
        for row in cases {
            let numbers = try #require(row.elements).compactMap(\.integer)
            let picture = Extent(width: numbers[1], height: numbers[0])
            let choice = CoveringGrid(side: numbers[2], least: numbers[3], most: numbers[4])
            let (rows, columns) = choice.grid(for: picture)
            let fitted = choice.extent(of: picture, rows: rows, columns: columns)
            #expect([rows, columns, fitted.height, fitted.width] == Array(numbers[5...]), "\(numbers)")
        }
    }

    @Test func onePictureIsOneTileUnlessItIsCut() throws {
        for policy in ["native", "interpolate"] {
            let image = try Self.processor(["policy": .text(policy), "size": ["height": 72, "width": 72]])
                .process(try Self.picture(100, 50))
            #expect(image.shape == [1, 3, 72, 72])
            #expect(image.tiles == .whole)
        }
    }

    /// One overview and its quarters, the overview first: 5 x 144 tokens at 1344 pixels.
    @Test func cropsAreTheQuartersBehindThePicture() throws {
        let size: JSONValue = ["height": 16, "width": 16]
        let picture = try Self.picture(32, 32)
        let image = try Self.processor(["policy": "crops", "size": size]).process(picture)
        #expect(image.shape == [5, 3, 16, 16])
        #expect(image.tiles == TileGrid(rows: 2, columns: 2, overview: .first))
        let whole = try Self.processor(["policy": "native", "size": size]).process(picture)
        let full = try Self.processor(["policy": "native", "size": ["height": 32, "width": 32]]).process(picture)
        #expect(Array(image.values.prefix(3 * 16 * 16)) == whole.values)
        // The lower left quarter is the fourth tile.
        var quarter: [Float] = []
        for channel in 0..<3 {
            for row in 16..<32 {
                let start = channel * 1024 + row * 32
                quarter += full.values[start..<start + 16]
            }
        }
        #expect(Array(image.values[2304..<3072]) == quarter)
    }

    @Test func dynamicGridsHaveThePictureLast() throws {
        let settings: JSONValue = [
            "policy": "dynamic", "size": ["height": 16, "width": 16], "min_tiles": 1, "max_tiles": 9,
        ]
        let processor = try Self.processor(settings)
        let wide = try processor.process(try Self.picture(48, 16))
        #expect(wide.tiles == TileGrid(rows: 1, columns: 3, overview: .last))
        #expect(wide.labels == .indices)
        #expect(wide.shape == [4, 3, 16, 16])
        let native = try Self.processor(["policy": "native", "size": ["height": 16, "width": 16]])
            .process(try Self.picture(48, 16))
        #expect(Array(wide.values.suffix(3 * 256)) == native.values)
        // A picture that one tile holds has no overview.
        #expect(try processor.process(try Self.picture(16, 16)).tiles == .whole)
        // Nor is any cut where there are three.
        #expect(try processor.process(try Self.picture(48, 16), among: 2).shape[0] == 4)
        #expect(try processor.process(try Self.picture(48, 16), among: 3).shape == [1, 3, 16, 16])
    }

    @Test(
        arguments: [
            ["policy": "squares"], ["policy": 7], ["policy": "dynamic", "tile_labels": "stars"],
            ["policy": "dynamic", "min_tiles": 5, "max_tiles": 4], ["policy": "dynamic", "max_tiles": 65],
            ["policy": "dynamic", "size": ["height": 10, "width": 12]],
        ] as [JSONValue]
    )
    func refusesAPolicyThatIsNone(settings: JSONValue) {
        #expect(throws: ImageProcessorError.self) { try Self.processor(settings) }
    }

    private static func prompt() throws -> PicturePrompt {
        let model = try MappedSource.resolve(Checkpoint.open(Fixture.path("mm1/nano"))).model
        return try #require(model.fusion).prompt
    }

    @Test func tilesHaveTheirIndicesBeforeThem() throws {
        let prompt = try Self.prompt()
        let grid = TileGrid(rows: 1, columns: 2, overview: .last)
        let split = PicturePrompt.Place(grid: grid, tileCount: 3, tokenCount: 6, labels: .indices)
        let plain = PicturePrompt.Place(grid: .whole, tileCount: 1, tokenCount: 2, labels: .indices)
        let two = "<image><image>"
        #expect(
            prompt.writing([plain, split], into: "A <image> and B <image>?")
                == ByteString("A \(two) and B (1,1,1)\(two)(1,1,2)\(two)(1,0,0)\(two)?")
        )
    }

    @Test func separatorsAreTheOtherLabels() throws {
        let prompt = try Self.prompt()
        let grid = TileGrid(rows: 2, columns: 2, overview: .last)
        let split = PicturePrompt.Place(grid: grid, tileCount: 5, tokenCount: 5, labels: .separators)
        let one = "<image>"
        #expect(
            prompt.writing([split], into: "<image>")
                == ByteString("\(one),\(one)<n>\(one),\(one)<n>:\(one)")
        )
    }

    @Test func cropsFollowOneAnotherWithoutText() throws {
        let prompt = try Self.prompt()
        let grid = TileGrid(rows: 2, columns: 2, overview: .first)
        let crops = PicturePrompt.Place(grid: grid, tileCount: 5, tokenCount: 10)
        #expect(prompt.writing([crops], into: "<image>!") == ByteString(String(repeating: "<image>", count: 10) + "!"))
    }

    /// A larger picture goes through the same tower, its positions and the connector's interpolated.
    @Test func towerAndConnectorTakeALargerPicture() throws {
        let source = try MappedSource.resolve(Checkpoint.open(Fixture.path("mm1/nano")))
        let reader = try PictureReader(
            source: source,
            vision: #require(source.model.vision),
            connector: #require(source.model.connector),
            fusion: #require(source.model.fusion),
            decoderWidth: #require(source.model.decoder).modelWidth,
            team: ThreadTeam(threadCount: 2)
        )
        let size: JSONValue = ["height": 128, "width": 128]
        let picture = try Self.picture(150, 90)
        let larger = try reader.read(
            PreparedPicture(try Self.processor(["policy": "interpolate", "size": size]).process(picture))
        )
        #expect(larger.count == 16)
        let crops = try Self.processor(["policy": "crops", "size": ["height": 72, "width": 72]]).process(picture)
        #expect(try reader.read(PreparedPicture(crops)).count == 80)
    }
}
