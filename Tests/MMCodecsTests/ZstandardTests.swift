import MMCodecs
import Testing

@Suite struct ZstandardTests {
    private let text = Array(String(repeating: "the same words again and again; ", count: 500).utf8)

    @Test func givesBytesBack() throws {
        for bytes in [[], [7], text] {
            let frame = try ZstandardEncoder(.level(9)).encode(bytes)
            #expect(try ZstandardDecoder().decode(frame.span.bytes, contentByteCount: bytes.count) == bytes)
        }
        #expect(try ZstandardEncoder(.level(9)).encode(text).count < 200)
    }

    @Test func oneEncoderGivesTheSameFrameEveryTime() throws {
        let encoder = try ZstandardEncoder(.level(9))
        let first = try encoder.encode(text)
        _ = try encoder.encode(Array("something else".utf8))
        #expect(try encoder.encode(text) == first)
    }

    @Test func refusesAnotherLengthAndAnythingBehind() throws {
        let frame = try ZstandardEncoder(.level(3)).encode(text)
        let decoder = try ZstandardDecoder()
        for count in [0, text.count - 1, text.count + 1, .max] {
            #expect(throws: CodecError.self) { try decoder.decode(frame.span.bytes, contentByteCount: count) }
        }
        for bad in [frame + frame, frame + [0], Array(frame.dropLast()), []] {
            #expect(throws: CodecError.self) { try decoder.decode(bad.span.bytes, contentByteCount: text.count) }
        }
        // A skippable frame of 4 bytes in front (RFC 8878, 3.1.2).
        let skippable: [UInt8] = [0x50, 0x2A, 0x4D, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]
        #expect(throws: CodecError.self) {
            try decoder.decode((skippable + frame).span.bytes, contentByteCount: text.count)
        }
    }

    @Test func refusesAFrameLargerThanItsRoom() throws {
        var small = [UInt8](repeating: 0, count: 10)
        var span = small.mutableSpan
        var raw = span.mutableBytes
        #expect(try ZstandardEncoder(.level(3)).encode(text.span.bytes, into: &raw) == nil)
    }
}
