import MMBytes
import MMReference
import MMTestSupport
import Testing

/// Resizing against Pillow, byte for byte.
@Suite("Resizing of pictures")
struct PictureResizingTests {
    static let cases = (try? ImageGolden.json("resized.json"))?["cases"]?.elements ?? []

    @Test func thereAreCases() {
        #expect(Self.cases.count == 256)
    }

    @Test(arguments: [
        ("nearest", ResampleFilter.nearest), ("lanczos", .lanczos), ("bilinear", .bilinear), ("bicubic", .bicubic),
    ])
    func resizedPicturesEqualPillow(name: String, filter: ResampleFilter) throws {
        let cases = Self.cases.filter { $0["filter"]?.string == ByteString(name) }
        #expect(cases.count == 64)
        for golden in cases {
            let file = try ImageGolden.string(golden, "file")
            let extent = Extent(
                width: try ImageGolden.integer(golden, "width"),
                height: try ImageGolden.integer(golden, "height")
            )
            let resized = try ImageGolden.picture(file).resized(to: extent, filter)
            #expect(resized.extent == extent)
            #expect(
                Digest.sha256(resized.pixels) == (try ImageGolden.string(golden, "sha256")),
                "\(file) to \(extent), \(name)"
            )
            if let pixels = golden["pixels"]?.string {
                #expect(resized.pixels == ImageGolden.bytes(hexadecimal: pixels), "\(file) to \(extent), \(name)")
            }
        }
    }

    @Test func sizesOutsideTheLimitsAreRefused() throws {
        let picture = try Picture.drawn(index: 1, width: 4, height: 4)
        for extent in [
            Extent(side: 0), Extent(width: -1, height: 4), Extent(side: 16384), Extent(width: 16385, height: 1),
        ] {
            #expect(throws: PictureError.self) { try picture.resized(to: extent, .bicubic) }
        }
    }

    @Test func centersAndPaddingFollowTheRoundingOfTransformers() throws {
        let row = try Picture(width: 4, height: 1, pixels: (1...4).flatMap { [UInt8]([$0, $0, $0]) })
        func levels(_ picture: Picture) -> [UInt8] {
            stride(from: 0, to: picture.pixels.count, by: 3).map { picture.pixels[$0] }
        }
        #expect(levels(try row.croppedToCenter(Extent(width: 3, height: 1))) == [1, 2, 3])
        #expect(levels(try row.croppedToCenter(Extent(width: 7, height: 1))) == [0, 0, 1, 2, 3, 4, 0])
        #expect(levels(try row.croppedToCenter(Extent(width: 2, height: 2))) == [0, 0, 2, 3])
        #expect(levels(try row.padded(to: Extent(width: 7, height: 1))) == [0, 1, 2, 3, 4, 0, 0])
        #expect(levels(try row.paddedToSquare([9, 8, 7])) == [9, 9, 9, 9, 1, 2, 3, 4, 9, 9, 9, 9, 9, 9, 9, 9])
        #expect(levels(try row.cropped(left: 3, top: 0, to: Extent(width: 3, height: 1))) == [4, 0, 0])
    }
}
