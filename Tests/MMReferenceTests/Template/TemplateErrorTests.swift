import MMBytes
import MMReference
import MMTestSupport
import Testing

@Suite struct TemplateErrorTests {
    private static func error(_ source: String, limits: TemplateLimits = TemplateLimits()) -> TemplateError? {
        let variables: JSONValue = ["text": "abc", "list": [1, 2]]
        return refusal { try ChatTemplate(source: Array(source.utf8), limits: limits).render(variables) }
            as? TemplateError
    }

    private static func isTooLarge(_ source: String, limits: TemplateLimits = TemplateLimits()) -> Bool {
        guard case .tooLarge = error(source, limits: limits)?.reason else { return false }
        return true
    }

    @Test func namesWhatIsNotSupportedAndItsPlace() {
        let error = Self.error("line\n  é {% include 'x' %}")
        #expect(error?.category == .badData)
        #expect(error?.description == "chat template: line 2, column 5: the block {% include %} is not supported")
        #expect(
            Self.error("{{ text | trim\n| groupby('x') }}")?.description
                == "chat template: line 2, column 1: the filter groupby is not supported"
        )
        #expect(
            Self.error("{{ text is escaped }}")?.description
                == "chat template: line 1, column 9: the test escaped is not supported"
        )
        #expect(
            Self.error("{{ text.format(1) }}")?.description
                == "chat template: line 1, column 15: the method format is not supported"
        )
    }

    /// Joined to other text, jinja2's markup would escape that text.
    @Test func takesMarkupOnlyAsAWholeOutput() {
        #expect(Self.error("{{ text | trim | safe }}") == nil)
        #expect(Self.error("{{ '<' + text | safe }}") != nil)
    }

    @Test func saysWhatIsUndefined() {
        #expect(
            Self.error("{{ text.role.name }}")?.description
                == "chat template: line 1, column 13: \"role\" of a string is undefined"
        )
    }

    @Test func refusesTheClockByName() throws {
        #expect(Self.error("{{ strftime_now('%Y') }}")?.reason == .clock)
        let template = try ChatTemplate(source: Array("{{ strftime_now('%d %b %Y') }}".utf8))
        #expect(try template.render([:], secondsSince1970: 951_782_400) == Array("29 Feb 2000".utf8))
        #expect(try template.render([:], secondsSince1970: -1) == Array("31 Dec 1969".utf8))
        #expect(refusal { try template.render([:], secondsSince1970: Int.max) } != nil)
    }

    @Test func showsTheMessageOfARefusalOnOneLine() {
        let error = Self.error("{{ raise_exception('no\\nsystem') }}")
        #expect(error?.description.contains("\n") == false)
        #expect(error?.reason == .raised("no\nsystem"))
    }

    @Test(arguments: [
        "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
        "{% set ns = namespace(x='ab') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
        "{% set ns = namespace(x='ab') %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
        "{% set n = namespace(x=[1]) %}{% for i in range(60) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x | tojson }}",
        """
        {% set ns = namespace(x=[1], y=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}\
        {% set ns.y = [ns.y, ns.y] %}{% endfor %}{{ ns.x == ns.y }}{{ ns.x < ns.y }}
        """,
        "{% set ns = namespace(x=1) %}{% for i in range(100000) %}{% set ns.x = [ns.x] %}{% endfor %}",
        "{% set ns = namespace(x=1) %}{% for i in range(100000) %}{% set ns.x = {'a': ns.x} %}{% endfor %}",
        "{% macro f(n) %}{{ f(n + 1) }}{% endmacro %}{{ f(0) }}",
        "{% set x = 'a' * 80000 %}{% for i in range(100000) %}{{ x[0] }}{% endfor %}",
        "{% set x = 'a' * 80000 %}{% for i in range(100000) %}{% if x | length %}{% endif %}{% endfor %}",
        "{% set x = 'a' * 80000 %}{% set d = {x: 1} %}{% for i in range(99999) %}{% set y = x in d %}{% endfor %}",
        "{% set x = 'a' * 80000 %}{{ ([x] * 100000) | unique(true) }}",
        "{% set x = 'a' * 80000 %}{{ ([x] * 100000) | join }}",
        "{% set x = 'a' * 800000 %}{{ x ~ x ~ x ~ x ~ x }}",
        "{{ 'ab' * 9223372036854775807 }}", "{{ list * 4611686018427387904 }}", "{{ 'abc' * 1000000000 }}",
        "{{ range(9223372036854775807) }}", "{{ text | indent(9223372036854775807) }}",
        "{{ list | tojson(indent=9223372036854775807) }}", "{{ ('a' * 1000000).replace('', 'b' * 1000000) }}",
        "{% for i in range(100000) %}{{ 'a' * 1000 }}{% endfor %}",
    ])
    func boundsWhatARenderingTakes(source: String) {
        var limits = TemplateLimits()
        limits.stepCount = 300_000
        #expect(Self.isTooLarge(source, limits: limits), "\(source): \(Self.error(source)?.description ?? "rendered")")
    }

    @Test func endsWithinTheStandardLimits() {
        #expect(Self.isTooLarge("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"))
    }

    @Test(arguments: [
        ("(", ")"), ("[", "]"), ("{'a':", "}"), ("-", ""), ("not (", ")"), ("x[", "]"), ("x(", ")"), ("x.a(", ")"),
        ("1 if 1 else ", ""), ("x ~ (", ")"), ("1 is in [", "]"), ("1 | d(", ")"),
    ])
    func boundsNesting(opening: String, closing: String) {
        func source(_ count: Int) -> String {
            "{{ \(String(repeating: opening, count: count))1\(String(repeating: closing, count: count)) }}"
        }
        let isBounded = Self.isTooLarge(source(50_000))
        #expect(isBounded)
        #expect(!Self.isTooLarge(source(30)))
    }

    @Test func boundsNestingOfBlocks() {
        let isBounded = Self.isTooLarge(String(repeating: "{% if x %}", count: 50_000))
        #expect(isBounded)
    }

    @Test(arguments: [".a", "[0]", "()", "|trim", " + 1", " or 1", " and 1", " if 1", " is odd is odd"])
    func boundsChains(link: String) {
        let error = Self.error("{{ x" + String(repeating: link, count: 100_000) + " }}")
        #expect(error != nil)
    }

    @Test func takesLongChainsThatDoNotNest() throws {
        let source = "{{ 'a'" + String(repeating: " ~ 'b'", count: 10_000) + " }}"
        #expect(try ChatTemplate(source: Array(source.utf8)).render([:]).count == 10_001)
        let negations = "{{ " + String(repeating: "not ", count: 10_001) + "1 }}"
        #expect(try ChatTemplate(source: Array(negations.utf8)).render([:]) == Array("False".utf8))
    }

    @Test(arguments: [
        "{{ -9223372036854775807 - 2 }}", "{{ 9223372036854775807 + 1 }}", "{{ 9223372036854775807 * 2 }}",
        "{{ (-9223372036854775807 - 1) // -1 }}", "{{ -(-9223372036854775807 - 1) }}", "{{ 2 ** 64 }}",
        "{{ 10 ** 9223372036854775807 }}", "{{ 9223372036854775808 }}", "{{ (-9223372036854775807 - 1) | abs }}",
        "{{ '1e300' | int }}",
    ])
    func namesIntegersBeyond64Bits(source: String) {
        guard case .unsupported = Self.error(source)?.reason else {
            Issue.record("\(source): \(Self.error(source)?.description ?? "rendered")")
            return
        }
    }

    @Test(arguments: [
        "{{ list[9223372036854775807] }}{{ list[-9223372036854775807 - 1] }}",
        "{{ list[-9223372036854775807 - 1:9223372036854775807:9223372036854775807] }}",
        "{{ list[::-9223372036854775807 - 1] }}", "{{ text[9223372036854775807:] }}{{ text[:-9223372036854775807] }}",
        "{{ (-9223372036854775807 - 1) % -1 }}", "{{ range(9223372036854775806, 9223372036854775807, 9) | list }}",
        "{{ range(-9223372036854775807, 9223372036854775807, 9223372036854775807) | list }}",
    ])
    func takesExtremeIndices(source: String) {
        #expect(Self.error(source) == nil)
    }

    @Test func refusesASourceAboveTheLimit() {
        var limits = TemplateLimits()
        limits.sourceByteCount = 10
        #expect(Self.isTooLarge("12345678901", limits: limits))
        #expect(!Self.isTooLarge("1234567890", limits: limits))
    }

    /// No prefix of a template, and no template with a byte changed, is more than an error.
    @Test(arguments: ["qwen3", "mistral", "typed-tools", "whitespace"])
    func survivesDamage(name: String) throws {
        let source = try Fixture.bytes("templates/\(name).jinja")
        let variables: JSONValue = [
            "messages": [["role": "user", "content": "a"]], "tools": [["function": ["name": "f", "parameters": [:]]]],
        ]
        var limits = TemplateLimits()
        limits.stepCount = 20_000
        var random = SplitMix(state: 7)
        let bytes = Array("{}%-#'\"()[]|.~ \u{0}0\u{e9}".utf8)
        var refused = 0
        for length in stride(from: 0, to: source.count, by: 7) {
            refused += count(Array(source.prefix(length)), variables, limits)
            var damaged = source
            let byte = bytes[Int(random.next() % UInt64(bytes.count))]
            damaged[Int(random.next() % UInt64(source.count))] = byte
            refused += count(damaged, variables, limits)
        }
        #expect(refused > 10)
    }

    private func count(_ source: [UInt8], _ variables: JSONValue, _ limits: TemplateLimits) -> Int {
        do {
            _ = try ChatTemplate(source: source, limits: limits).render(variables)
            return 0
        } catch {
            return 1
        }
    }

    private struct SplitMix {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }
}
