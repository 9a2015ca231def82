import MMBytes
import Testing

/// The grammar of RFC 8259, and what mmpack refuses beyond it: duplicate names, half surrogate pairs, numbers that no
/// double holds, depth without end.
@Suite struct JSONParsingTests {
    static let accepted: [(text: String, value: JSONValue)] = [
        ("null", .null), (" true ", true), ("\t\nfalse\r\n", false), ("0", 0), ("-1", -1), ("12", 12),
        ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
        ("999999999999999999", 999_999_999_999_999_999), ("1000000000000000000", 1_000_000_000_000_000_000),
        ("9223372036854775808", 9_223_372_036_854_775_808.0), ("18446744073709551615", 18_446_744_073_709_551_615.0),
        ("1.0", 1.0), ("1e3", 1000.0), ("1E+3", 1000.0), ("25e-2", 0.25), ("-0.5", -0.5), ("0.1", 0.1),
        ("1e308", 1e308), ("5e-324", .number(.leastNonzeroMagnitude)), ("1e-400", 0.0),
        ("\"\"", ""), (#""a""#, "a"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
        (#""\u0041\u00e9""#, "A\u{e9}"),
        (#""\ud83d\ude42""#, "\u{1f642}"), (#""\uD83D\uDE42x""#, "\u{1f642}x"), (#""\u0000""#, "\0"),
        ("\"\u{e9}\u{4e2d}\u{1f642}\"", "\u{e9}\u{4e2d}\u{1f642}"),
        ("\"\u{7f}\u{85}\u{2028}\"", "\u{7f}\u{85}\u{2028}"),
        ("[]", []), ("[ ]", []), ("{}", [:]), ("{ }", [:]), ("[1,[2,[3]]]", [1, [2, [3]]]),
        (#"{"a":1,"b":{"a":2}}"#, ["a": 1, "b": ["a": 2]]), (#" { "" : [ ] , " " : null } "#, ["": [], " ": .null]),
        // Composed and decomposed spellings are two names.
        ("{\"\u{e9}\":1,\"e\u{301}\":2}", ["\u{e9}": 1, "e\u{301}": 2]),
    ]

    @Test(arguments: accepted)
    func readsWhatTheGrammarHas(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: Array(text.utf8)) == value)
    }

    static let refused: [String] = [
        "", " ", "nul", "nulL", "True", "NaN", "Infinity", "-Infinity", "undefined", "a", "'a'", "\u{feff}{}",
        "01", "-", "-01", "+1", "1.", ".5", "1e", "1e+", "0x10", "1_000", "1e400", "-1e400", "--1", "1 2", "2.e3", "00",
        "\"", "\"a", #""\"#, #""\a""#, #""\x41""#, #""\u""#, #""\u12""#, #""\u12g4""#, #""\u+123""#, #""\ud800""#,
        #""\udc00""#, #""\ud800\u0041""#, #""\ud800x""#, #""\ud800\ud800""#, #""\udc00\ud800""#, #""\ud800\"#,
        "\"\u{1}\"", "\"\n\"", "\"\t\"", "\"\0\"", "[", "]", "[1", "[1,", "[,", "[,1]", "[1,]", "[1,,2]", "[1 2]",
        "[1}",
        "{", "}", "{]", "{1:2}", "{a:1}", #"{"a"}"#, #"{"a":}"#, #"{"a":1"#, #"{"a":1,}"#, #"{"a":1,,"b":2}"#,
        #"{"a" 1}"#, #"{,"a":1}"#, #"{"a":1}}"#, "{}x", "{}{}", "[] []", "null,", "\"a\"\"b\"", "// c\n1", "/* c */ 1",
        "\u{a0}1", "\u{c}1", "1\0", "\0",
    ]

    @Test(arguments: refused)
    func refusesEverythingElse(text: String) {
        #expect(throws: ParseError.self) { try JSONValue(parsing: Array(text.utf8)) }
    }

    /// Truncated, overlong, surrogate, beyond U+10FFFF, Latin-1, lone continuation.
    @Test(
        arguments: [
            [0xC3], [0xC0, 0xAF], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE9], [0x80],
            [0xF0, 0x9F, 0x99],
        ] as [[UInt8]]
    )
    func refusesMalformedUTF8(bytes: [UInt8]) {
        let document = [0x22] + bytes + [0x22]
        let error = #expect(throws: ParseError.self) { try JSONValue(parsing: document) }
        #expect(error?.reason == .invalidUTF8)
        let name = Array("{".utf8) + document + Array(":1}".utf8)
        #expect(throws: ParseError.self) { try JSONValue(parsing: name) }
    }

    @Test(arguments: [0, 1, 11, 12, 13, 200])
    func refusesADuplicateNameAmongManyOrFew(others: Int) {
        let members = (0..<others).map { "\"n\($0)\":\($0)," }.joined()
        let text = "{\"twice\":1," + members + "\"twic\\u0065\":2}"
        let error = #expect(throws: ParseError.self) { try JSONValue(parsing: Array(text.utf8)) }
        #expect(error?.reason == .jsonDuplicateKey("twice"))
        #expect(error?.offset == text.utf8.count - 15)
    }

    @Test func refusesWhatNestsTooDeep() throws {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let fits = String(repeating: open, count: 64) + "1" + String(repeating: close, count: 64)
            _ = try JSONValue(parsing: Array(fits.utf8))
            let deep = String(repeating: open, count: 65) + "1" + String(repeating: close, count: 65)
            let error = #expect(throws: ParseError.self) { try JSONValue(parsing: Array(deep.utf8)) }
            #expect(error?.reason == .jsonTooDeep(allowed: 64))
        }
        let endless = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
        #expect(throws: ParseError.self) { try JSONValue(parsing: endless) }
    }

    @Test func keepsItsLimits() {
        let limits = JSONLimits(byteCount: 9, depth: 2, valueCount: 4)
        #expect(throws: Never.self) { try JSONValue(parsing: Array("[1,2,3]".utf8), limits: limits) }
        for text in ["[1,2,3,4]", "[1,2,3    ]", "[[[1]]]"] {
            #expect(throws: ParseError.self) { try JSONValue(parsing: Array(text.utf8), limits: limits) }
        }
    }

    @Test func readsEveryPrefixOfADocumentAsAnError() {
        let text = Array(#"{"a":[1,-2.5e3,"x\u00e9\ud83d\ude42",true,null,{"b":{}}],"c":"d"}"#.utf8)
        for count in 0..<text.count {
            #expect(throws: ParseError.self, "\(count)") { try JSONValue(parsing: Array(text[..<count])) }
        }
    }

    @Test func survivesEveryByteInEveryPlace() throws {
        let text = Array(#"{"a":[10,-2.5e3,"\u00e9\ud83d\ude42",true]}"#.utf8)
        for index in text.indices {
            for byte in UInt8.min...UInt8.max {
                var mutant = text
                mutant[index] = byte
                guard let value = try? JSONValue(parsing: mutant) else { continue }
                // What is read is written and read again as the same.
                #expect(try JSONValue(parsing: value.serialized()) == value)
            }
        }
    }

    @Test func writesCanonicallyWhatItReads() throws {
        let text = #"{"b":[1,2.5,"\u0001\n\"é"],"a":{"z":null,"y":true}}"#
        let value = try JSONValue(parsing: Array(text.utf8))
        let canonical = #"{"a":{"y":true,"z":null},"b":[1,2.5,"\u0001\n\"é"]}"#
        #expect(String(decoding: value.serialized(.canonical), as: UTF8.self) == canonical)
        #expect(String(decoding: value.serialized(.compact), as: UTF8.self) == text)
        for layout in [JSONValue.Layout.compact, .pretty] {
            #expect(try JSONValue(parsing: value.serialized(layout)) == value)
        }
    }
}
