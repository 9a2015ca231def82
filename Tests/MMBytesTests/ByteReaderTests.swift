import MMBytes
import Testing

@Suite struct ByteReaderTests {
    static let bytes: [UInt8] = [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x88, 0x41, 0x42]

    @Test func readsLittleEndianAtAnyAlignment() throws {
        var reader = ByteReader(Self.bytes.span.bytes)
        #expect(try reader.little(UInt8.self) == 1)
        #expect(try reader.little(UInt16.self) == 0x0302)
        #expect(try reader.little(UInt32.self) == 0x0706_0504)
        #expect(try reader.little(Int8.self) == -120)
        #expect(try reader.string(byteCount: 2) == "AB")
        #expect(reader.remainingByteCount == 0)
        var whole = ByteReader(Self.bytes.span.bytes)
        #expect(try whole.little(UInt64.self) == 0x8807_0605_0403_0201)
    }

    @Test func saysHowMuchIsMissingAndWhere() throws {
        var reader = ByteReader(Self.bytes.span.bytes)
        try reader.skip(byteCount: 7)
        do throws(ParseError) {
            _ = try reader.little(UInt32.self)
            Issue.record("read past the end")
        } catch {
            #expect(error == ParseError(.truncated(needed: 4, available: 3), offset: 7))
        }
        // A failed read moves nothing.
        #expect(reader.offset == 7)
        #expect(try reader.array(byteCount: 3) == [0x88, 0x41, 0x42])
    }

    @Test(arguments: [-1, 11, Int.max, Int.min])
    func refusesCountsThatDoNotFit(count: Int) {
        var reader = ByteReader(Self.bytes.span.bytes)
        var refusals = 0
        do throws(ParseError) { try reader.skip(byteCount: count) } catch { refusals += 1 }
        do throws(ParseError) { _ = try reader.array(byteCount: count) } catch { refusals += 1 }
        do throws(ParseError) { _ = try reader.string(byteCount: count) } catch { refusals += 1 }
        do throws(ParseError) { try reader.demand(byteCount: count) } catch { refusals += 1 }
        #expect(refusals == 4)
        #expect(reader.offset == 0)
    }

    @Test func writesWhatItReads() throws {
        var writer = ByteWriter()
        writer.little(UInt16(0x0102))
        writer.little(UInt64.max - 1)
        writer.append("name".utf8)
        var reader = ByteReader(writer.bytes.span.bytes)
        #expect(try reader.little(UInt16.self) == 0x0102)
        #expect(try reader.little(UInt64.self) == .max - 1)
        #expect(try reader.string(byteCount: 4) == "name")
        #expect(reader.remainingByteCount == 0)
    }
}
