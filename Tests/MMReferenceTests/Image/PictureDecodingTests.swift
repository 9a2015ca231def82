import MMBytes
import MMReference
import MMTestSupport
import Testing

/// What Pillow makes of the files of fixtures/images/good.
@Suite("Decoding of pictures")
struct PictureDecodingTests {
    static let decoded: [(name: String, golden: JSONValue)] =
        ((try? ImageGolden.json("decoded.json"))?["files"]?.members ?? []).map { ($0.name.string, $0.value) }

    @Test(arguments: [
        (Array("\0\0\0\u{18}ftypmp42".utf8), "a film (MP4 or QuickTime)"),
        (Array("\0\0\0\u{14}ftypqt  ".utf8), "a film (MP4 or QuickTime)"),
        ([0x1A, 0x45, 0xDF, 0xA3, 1], "a film (Matroska or WebM)"),
        (Array("RIFF....AVI LIST".utf8), "a film (AVI)"),
        ([0, 0, 1, 0xBA, 0x44], "a film (MPEG)"),
        (Array("\0\0\0\u{18}ftypheic".utf8), "HEIF or AVIF"),
    ])
    func filmsAreNamed(bytes: [UInt8], kind: String) {
        let error = #expect(throws: PictureError.self) { try Picture(decoding: bytes, name: "a") }
        #expect(error?.description.contains(kind) == true)
    }

    @Test func everyFileHasAGolden() {
        let files = Fixture.entries(of: "images/good").map { String($0.split(separator: "/").last ?? "") }
        #expect(files.count > 30)
        #expect(files == Self.decoded.map(\.name).sorted())
    }

    @Test(arguments: decoded.map(\.name).filter { !$0.hasSuffix(".jpg") })
    func losslessFormatsEqualPillow(name: String) throws {
        let golden = try #require(Self.decoded.first { $0.name == name }?.golden)
        let picture = try ImageGolden.picture(name)
        #expect(picture.width == (try ImageGolden.integer(golden, "width")))
        #expect(picture.height == (try ImageGolden.integer(golden, "height")))
        #expect(Digest.sha256(picture.pixels) == (try ImageGolden.string(golden, "sha256")))
    }

    /// Versions of libjpeg-turbo differ by 1 or 2 in the inverse transform and the upsampling.
    @Test(arguments: decoded.map(\.name).filter { $0.hasSuffix(".jpg") })
    func jpegIsWithinTwoOfPillow(name: String) throws {
        let golden = try #require(Self.decoded.first { $0.name == name }?.golden)
        let picture = try ImageGolden.picture(name)
        #expect(picture.width == (try ImageGolden.integer(golden, "width")))
        #expect(picture.height == (try ImageGolden.integer(golden, "height")))
        let expected = ImageGolden.bytes(hexadecimal: try #require(golden["pixels"]?.string))
        try #require(picture.pixels.count == expected.count)
        let differences = zip(picture.pixels, expected).map { abs(Int($0) - Int($1)) }
        #expect(differences.max() ?? 0 <= 2)
    }

    @Test(arguments: Fixture.entries(of: "images/bad"))
    func hostileFilesAreRefusedByName(path: String) throws {
        let path = Fixture.path(path)
        #expect {
            _ = try Picture(path: path)
        } throws: { error in
            guard let error = error as? PictureError else { return false }
            return error.category == .badData && error.description.hasPrefix(ByteString(path).description)
        }
    }

    @Test func everyHostileFileHasAReason() throws {
        let names = try #require(try ImageGolden.json("bad.json").members).map(\.name.string)
        #expect(names.map { "images/bad/\($0)" }.sorted() == Fixture.entries(of: "images/bad"))
    }

    @Test(arguments: [
        ("huge.png", "1048576 x 1048576 pixels; at most 16384 a side and 64000000 in all are allowed"),
        ("area.png", "16384 x 16384 pixels; at most 16384 a side and 64000000 in all are allowed"),
        ("huge.jpg", "60000 x 60000 pixels; at most 16384 a side and 64000000 in all are allowed"),
        ("gif.png", "the file is GIF; PNG, JPEG, PGM (P5) and PPM (P6) are read"),
        ("webp.png", "the file is WebP; PNG, JPEG, PGM (P5) and PPM (P6) are read"),
        ("truncated.ppm", "ends early: 663 bytes needed, 662 left"),
        ("maximum.ppm", "PGM or PPM header: maximum 65536; from 1 to 65535 are allowed"),
        ("text.png", "no picture that is known here; PNG, JPEG, PGM (P5) and PPM (P6) are read"),
    ])
    func refusalsSayWhatIsWrong(name: String, message: String) throws {
        let path = Fixture.path("images/bad/\(name)")
        let error = try #require(throws: PictureError.self) { try Picture(path: path) }
        #expect(error.description == "\(ByteString(path)): \(message)")
    }

    @Test func missingFilesAreMissingInput() throws {
        #expect {
            _ = try Picture(path: Fixture.path("images/good/absent.png"))
        } throws: { ($0 as? any DiagnosedError)?.category == .missingInput }
    }

    /// Every prefix of a file, and every file with one byte changed, is refused or read; none crashes.
    @Test(arguments: [
        "small.png", "interlaced.png", "palette-alpha.png", "photo.jpg", "progressive.jpg", "turned6.jpg", "gray.pgm",
    ])
    func damageNeverCrashes(name: String) throws {
        let bytes = try Fixture.bytes("images/good/\(name)")
        var refusalCount = 0
        for count in 0..<bytes.count {
            do { _ = try Picture(decoding: Array(bytes.prefix(count))) } catch { refusalCount += 1 }
        }
        // JPEG and PNG may end a few bytes early where the end marker is all that is missing.
        #expect(refusalCount > bytes.count - 16)
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 0xFF
            _ = try? Picture(decoding: damaged)
        }
    }

    @Test func drawnPicturesAreTheSameEverywhereAndDiffer() throws {
        let first = try Picture.drawn(index: 0, width: 96, height: 64)
        #expect(Digest.sha256(first.pixels) == "50883a89e18d81e62c5c5f452af1684eaeba9eb288eb372afce21f9e29404d70")
        let others = try (1..<6).map { try Picture.drawn(index: $0, width: 96, height: 64) }
        #expect(Set(others + [first]).count == 6)
        #expect(try Picture.drawn(index: -1, width: 1, height: 1).pixels.count == 3)
        #expect(try Picture.drawn(index: 7, width: 1, height: 300).extent == Extent(width: 1, height: 300))
        #expect(Set(first.pixels).count > 100)
        #expect(throws: PictureError.self) { try Picture.drawn(index: 0, width: 0, height: 4) }
        #expect(throws: PictureError.self) { try Picture.drawn(index: 0, width: 20_000, height: 4) }
    }
}
