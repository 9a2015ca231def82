import MMArchitectures
import MMBytes
import Testing

@Suite struct ExpressionTests {
    static let knobs: [String: KnobValue] = [
        "d": .number(64), "h": .number(4), "kind": .text("llama3"), "on": .flag(true), "open": .none,
        "list": .list([.number(4 + 1), .number(5)]), "text.width": .number(7),
    ]

    static func value(_ text: String) throws -> KnobValue {
        try Expression(parsing: text).evaluate { knobs[$0] }
    }

    @Test(arguments: [
        ("1 + 2 * 3", 7.0), ("(1 + 2) * 3", 9), ("2 ^ 3 ^ 2", 512), ("-2 ^ 2", -4), ("d ^ -0.5", 0.125),
        ("7 % 4", 3), ("-1 % 4", 3), ("10 / 4", 2.5), ("8 - 3 - 2", 3), ("16 / 4 / 2", 2), ("sqrt(d)", 8),
        ("round(2.5)", 3), ("round(-2.5)", -3), ("ceil(2.1)", 3), ("1e-6 * 1e6", 1), ("1.5e3", 1500),
        ("d/h", 16), ("on ? 1 : 2", 1), ("!on ? 1 : h > 3 ? 5 : 6", 5), ("- - 3", 3), ("2*-3", -6),
    ])
    func computesNumbers(text: String, expected: Double) throws {
        #expect(try Self.value(text) == .number(expected))
    }

    @Test(arguments: [
        ("kind == 'llama3'", true), ("kind != 'llama3'", false), ("1 < 2", true), ("2 <= 2", true), ("3 >= 4", false),
        ("!(1 > 2)", true), ("on && 1 == 1", true), ("1 == 2 || on", true), ("on == true", true), ("!on", false),
        ("true || d / 0 > 1", true), ("false && open == 1", false), ("1==1 && 2!=1", true),
        ("list[1] == 5", true), ("5 in list", true), ("4 in list", false), ("4 in open", false), ("open == none", true),
        ("d != none", true), ("list[d - d + 1] in list", true), ("text.width == 7", true),
    ])
    func decidesTruths(text: String, expected: Bool) throws {
        #expect(try Self.value(text) == .flag(expected))
    }

    @Test(arguments: [
        ("", 0), ("1 +", 3), ("(1", 2), ("1 2", 2), ("a b", 2), ("'open", 5), ("1 = 1", 2), ("sqrt 4", 5),
        ("floor(1)", 0),
        ("1 < 2 < 3", 6), ("x[0", 3), ("x[]", 2), ("on ? 1", 6), ("$d", 0), ("1.", 1), (")", 0), ("é", 0), ("1 & 2", 2),
    ])
    func refusesWhatDoesNotParseAtItsOffset(text: String, offset: Int) {
        let error = #expect(throws: ExpressionError.self) { try Expression(parsing: text) }
        #expect(error?.offset == offset)
        #expect(error?.category == .internalFault)
    }

    @Test(arguments: [
        "1 / 0", "sqrt(-1)", "10 ^ 999", "0 / 0", "1 % 0", "kind + 1", "on + 1", "!d", "d && on",
        "open + 1", "kind == 1", "on == 1", "missing", "d ? 1 : 2", "-kind",
    ])
    func hasNoValueWhereTypesOrNumbersDoNotFit(text: String) throws {
        let expression = try Expression(parsing: text)
        #expect(throws: ExpressionError.self) { try expression.evaluate { Self.knobs[$0] } }
    }

    @Test func countsAreExactWholeNumbers() throws {
        #expect(try Expression(parsing: "d / h").count { Self.knobs[$0] } == 16)
        for text in ["d / 3", "0 - 1", "2 ^ 54", "kind", "0.5"] {
            let expression = try Expression(parsing: text)
            #expect(throws: ExpressionError.self, "\(text)") { try expression.count { Self.knobs[$0] } }
        }
    }

    @Test func limitsDepthAndLength() throws {
        let deep = { (levels: Int) in
            String(repeating: "(", count: levels) + "1" + String(repeating: ")", count: levels)
        }
        #expect(try Expression(parsing: deep(10)).evaluate { _ in nil } == .number(1))
        #expect(throws: ExpressionError.self) { try Expression(parsing: deep(200)) }
        #expect(throws: ExpressionError.self) { try Expression(parsing: String(repeating: "-", count: 400) + "1") }
        #expect(throws: ExpressionError.self) { try Expression(parsing: String(repeating: "1+", count: 300) + "1") }
        #expect(throws: ExpressionError.self) { try Expression(parsing: String(repeating: "2^", count: 100) + "1") }
        #expect(throws: ExpressionError.self) { try Expression(parsing: String(repeating: "1?1:", count: 100) + "1") }
    }

    @Test func namesAreThoseMentioned() throws {
        #expect(try Expression(parsing: "a ? sqrt(b) : c + a - 'd'").names == ["a", "b", "c"])
    }
}
