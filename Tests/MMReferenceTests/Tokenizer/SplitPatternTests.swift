import MMBytes
import MMReference
import MMTestSupport
import Testing

@Suite struct SplitPatternTests {
    /// The lengths of the pieces when what the pattern matches is isolated.
    static func lengths(_ pattern: SplitPattern, _ text: [UInt8]) throws -> [Int] {
        var lengths: [Int] = []
        var position = 0
        for match in try pattern.matches(in: text.span) {
            if match.lowerBound > position { lengths.append(match.lowerBound - position) }
            if !match.isEmpty { lengths.append(match.count) }
            position = match.upperBound
        }
        if position < text.count { lengths.append(text.count - position) }
        return lengths
    }

    @Test func cutsWhereOnigurumaCuts() throws {
        let golden = try TokenizerGolden.json("pieces.json")
        let texts = try TokenizerGolden.texts(golden["texts"])
        for line in try #require(golden["patterns"]?.elements) {
            let source = try #require(line["pattern"]?.string)
            let pattern = try SplitPattern(source)
            let expected = try #require(line["lengths"]?.elements).map { $0.elements?.compactMap(\.integer) ?? [] }
            for (text, lengths) in zip(texts, expected) {
                #expect(try Self.lengths(pattern, text) == lengths, "\(source) on \(ByteString(text))")
            }
        }
    }

    @Test(arguments: [
        "(", "a)", "[", "[a", "[z-a]", "*a", "a|*", "a**", "a{2}{3}", "a{3,1}", "a{,}",
        "{", "a{", "a{2", "a{1001}", "\\",
        "\\p", "\\p{", "\\p{Han}", "\\p{Letter}", "\\q", "\\1", "\\h", "\\R",
        "\\X", "\\G", "\\x4", "\\x{}", "\\x{110000}",
        "\\uD800", "(?<=a)b", "(?<!a)b", "(?<n>a)", "(?#x)", "(?m:a)", "(?x:a)", "a(?i)b", "[a[b]]", "[a&&b]",
        "[[:alpha:]]",
        "[\\w-a]", "[a-\\d]", "(?i:é)", "(?i:[à-ý])", "(?i:\\p{Lu})", "(?i:ss)", "(a*)*", "(?:a|)+", "(?:(?=a))*",
    ])
    func namesWhatItDoesNotSupport(source: String) {
        let error = #expect(throws: PatternError.self) { try SplitPattern(ByteString(source)) }
        #expect(error?.description.contains(source) == true)
    }

    @Test func refusesDeepNestingAndHugePrograms() {
        let deep = String(repeating: "(", count: 100_000 / 2) + String(repeating: ")", count: 100_000 / 2)
        #expect(throws: PatternError.self) { try SplitPattern(ByteString(String(repeating: "(", count: 65) + "a")) }
        #expect(throws: PatternError.self) { try SplitPattern(ByteString(deep)) }
        #expect(throws: PatternError.self) { try SplitPattern("(?:(?:ab){1000}){1000}") }
        #expect(throws: PatternError.self) { try SplitPattern(ByteString([0x61, 0xFF])) }
    }

    @Test(arguments: ["(?:a|a)*b", "(?:a+)+b", "(?:a?a)*b", "(?:a+?)+?b"])
    func stopsRunawayBacktracking(source: String) throws {
        let pattern = try SplitPattern(ByteString(source))
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 2_000)
        let error = #expect(throws: PatternError.self) { try pattern.matches(in: text.span) }
        #expect(error?.description.contains("steps") == true)
    }

    /// Small pieces share one budget: a text cannot be made slow by cutting it first.
    @Test func stopsRunawayBacktrackingOverManyPieces() throws {
        let document = try TokenizerGolden.json("qwen2/tokenizer.json")
        let parts: JSONValue = [
            ["type": "Split", "pattern": ["String": " "], "behavior": "Isolated"],
            ["type": "Split", "pattern": ["Regex": "(?:a|a)*b"], "behavior": "Isolated"],
            ["type": "ByteLevel", "use_regex": false, "add_prefix_space": false],
        ]
        let changed = document.replacing(["pre_tokenizer"], with: ["type": "Sequence", "pretokenizers": parts])
        let tokenizer = try Tokenizer(tokenizerJSON: changed)
        let text = String(repeating: "aaaaaaaaaaaa ", count: 1_000)
        let error = #expect(throws: TokenizerError.self) { try tokenizer.encode(text) }
        #expect(error?.description.contains("on a text of 13000 bytes") == true)
    }

    @Test func refusesClassesOfTooManyRanges() {
        let scalars = (0..<1_100).compactMap { Unicode.Scalar(0x4E00 + 2 * $0) }.map { String($0) }.joined()
        #expect(throws: PatternError.self) { try SplitPattern(ByteString("[\(scalars)]")) }
    }

    @Test(arguments: ["(?:ab)+c?", "(?:ab)+", "a*", "(?=(a)*b)a", ".+", "\\s+(?!\\S)|a"])
    func takesLongTextsWithoutRecursion(source: String) throws {
        let pattern = try SplitPattern(ByteString(source))
        let text = Array(String(repeating: "ab", count: 400).utf8)
        #expect(throws: Never.self) { try pattern.matches(in: text.span) }
    }
}
