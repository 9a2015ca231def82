import MMBytes
import Testing

/// Reading a document piece by piece.
@Suite struct JSONReaderTests {
    @Test func walksObjectsAndArrays() throws {
        let text = Array(#" { "a" : [ 1 , 2 ] , "b" : "x" , "c" : { } , "d" : [ ] } "#.utf8)
        var reader = try JSONReader(text.span)
        var seen: [String] = []
        try reader.beginObject()
        while let name = try reader.nextMember() {
            seen.append(name.string)
            switch name.string {
            case "a":
                try reader.beginArray()
                while try reader.nextElement() { seen.append("\(try reader.naturalNumber())") }
            case "b": seen.append(try reader.string().string)
            default: #expect(try reader.value() == (name == "c" ? [:] : []))
            }
        }
        try reader.finish()
        #expect(seen == ["a", "1", "2", "b", "x", "c", "d"])
    }

    @Test(arguments: ["0": 0, "7": 7, "18446744073709551615": UInt64.max, " 9223372036854775808": 1 << 63])
    func readsNaturalNumbers(text: String, number: UInt64) throws {
        let bytes = Array(text.utf8)
        var reader = try JSONReader(bytes.span)
        #expect(try reader.naturalNumber() == number)
    }

    @Test(arguments: ["-1", "-0", "1.0", "1e3", "18446744073709551616", String(repeating: "9", count: 400)])
    func refusesOtherNumbersAsNatural(text: String) throws {
        #expect(Self.naturalNumberReason(text) == .jsonNotNatural)
    }

    @Test func tellsAnotherTypeFromWhatIsNoJSON() {
        #expect(Self.naturalNumberReason("\"1\"") == .jsonWrongType(member: "", expected: "a number"))
        #expect(Self.naturalNumberReason("[1]") == .jsonWrongType(member: "", expected: "a number"))
        #expect(Self.naturalNumberReason("nil") == .jsonUnexpected(found: UInt8(ascii: "i"), expected: "null"))
        #expect(Self.naturalNumberReason("01") == .jsonBadNumber)
    }

    @Test func namesTheMemberWhoseTypeIsWrong() throws {
        let bytes = Array(#"{"a":{"b":[{"c":1}]}}"#.utf8)
        var reader = try JSONReader(bytes.span)
        try reader.beginObject()
        #expect(try reader.nextMember() == "a")
        do throws(ParseError) {
            _ = try reader.string()
            Issue.record("an object passed as a string")
        } catch {
            #expect(error.reason == .jsonWrongType(member: "a", expected: "a string"))
        }
    }

    private static func naturalNumberReason(_ text: String) -> ParseError.Reason? {
        let bytes = Array(text.utf8)
        do throws(ParseError) {
            var reader = try JSONReader(bytes.span)
            _ = try reader.naturalNumber()
            return nil
        } catch {
            return error.reason
        }
    }
}
