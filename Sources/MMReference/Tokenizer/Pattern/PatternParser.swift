import MMBytes

/// Reads a split pattern: the subset of Oniguruma's default syntax that tokenizers use.
///
/// What is not in the subset is refused by name, never taken as a literal. Recursion is bounded by `depthLimit`.
struct PatternParser {
    static let lengthLimit = 65_536
    static let depthLimit = 64
    /// Most ranges and scalars in one class.
    static let rangeLimit = 1_024
    /// The largest count in braces.
    static let countLimit = 1_000

    let source: ByteString
    let scalars: [Unicode.Scalar]
    var offset = 0
    var depth = 0
    var ignoresCase = false

    init(_ source: ByteString) throws(PatternError) {
        guard source.isValidUTF8 else { throw PatternError(.invalidUTF8, offset: 0, pattern: source) }
        self.source = source
        scalars = Array(source.string.unicodeScalars)
        guard scalars.count <= Self.lengthLimit else {
            let reason = PatternError.Reason.tooLong(scalarCount: scalars.count, allowed: Self.lengthLimit)
            throw PatternError(reason, offset: 0, pattern: source)
        }
    }

    mutating func pattern() throws(PatternError) -> PatternNode {
        if starts(with: "(?i)") {
            offset += 4
            ignoresCase = true
        }
        let node = try alternation()
        guard next == nil else { throw malformed("')' closes no group") }
        return node
    }

    private mutating func alternation() throws(PatternError) -> PatternNode {
        var branches = [try sequence()]
        while next == "|" {
            offset += 1
            branches.append(try sequence())
        }
        return branches.count == 1 ? branches[0] : .alternation(branches)
    }

    private mutating func sequence() throws(PatternError) -> PatternNode {
        var nodes: [PatternNode] = []
        var previousLetter: Unicode.Scalar?
        while let scalar = next, scalar != "|", scalar != ")" {
            if ignoresCase, let previousLetter, Self.foldsTogether(previousLetter, scalar) {
                throw unsupported("'\(previousLetter)\(scalar)' without regard to case (it is also one ligature)")
            }
            previousLetter = scalar
            let node = try atom(scalar)
            nodes.append(try quantified(node))
        }
        return nodes.count == 1 ? nodes[0] : .sequence(nodes)
    }

    /// Pairs of ASCII letters to which one scalar folds (Unicode CaseFolding.txt, status F: ß, ﬀ, ﬁ, ﬂ, ﬆ).
    private static func foldsTogether(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Bool {
        guard first.isASCII, second.isASCII else { return false }
        return ["ss", "ff", "fi", "fl", "st"].contains("\(first)\(second)".lowercased())
    }

    private mutating func atom(_ scalar: Unicode.Scalar) throws(PatternError) -> PatternNode {
        switch scalar {
        case "(": return try group()
        case "[": return .one(try bracketed())
        case ".":
            offset += 1
            return .one(.anyButLineFeed)
        case "^":
            offset += 1
            return .assertion(.lineStart)
        case "$":
            offset += 1
            return .assertion(.lineEnd)
        case "\\": return try escape()
        case "*", "+", "?": throw malformed("'\(scalar)' repeats nothing")
        case "{": throw unsupported("'{' that is not a repetition and not escaped")
        default:
            offset += 1
            return .one(try folded(scalar.value...scalar.value))
        }
    }

    private mutating func escape() throws(PatternError) -> PatternNode {
        let start = offset
        if offset + 1 < scalars.count, let assertion = Self.assertion(scalars[offset + 1]) {
            offset += 2
            return .assertion(assertion)
        }
        if starts(with: #"\w"#) || starts(with: #"\W"#) {
            offset += 2
            return .one(.word(isNegated: scalars[start + 1] == "W"))
        }
        switch try classEscape() {
        case .scalar(let value): return .one(try folded(value...value, at: start))
        case .set(let set): return .one(set)
        }
    }

    private static func assertion(_ letter: Unicode.Scalar) -> PatternNode.Assertion? {
        switch letter {
        case "A": .textStart
        case "z": .textEnd
        case "Z": .lastLineEnd
        case "b": .wordBoundary
        case "B": .noWordBoundary
        default: nil
        }
    }

    private mutating func group() throws(PatternError) -> PatternNode {
        guard depth < Self.depthLimit else { throw error(.nestsTooDeep(allowed: Self.depthLimit)) }
        let outerIgnoresCase = ignoresCase
        let fence = try groupOpening()
        depth += 1
        let node = try alternation()
        depth -= 1
        ignoresCase = outerIgnoresCase
        guard next == ")" else { throw error(.unexpectedEnd(expected: "')'")) }
        offset += 1
        return fence.map { .group(node, $0) } ?? node
    }

    /// Steps over `(`, `(?:` and so on; captures are not kept, so `(` groups only.
    private mutating func groupOpening() throws(PatternError) -> PatternNode.Fence? {
        guard starts(with: "(?") else {
            offset += 1
            return nil
        }
        let openings: [(String, PatternNode.Fence?)] = [
            ("(?:", nil), ("(?=", .lookahead), ("(?!", .negativeLookahead), ("(?>", .atomic),
        ]
        for (text, fence) in openings where starts(with: text) {
            offset += 3
            return fence
        }
        if starts(with: "(?i:") {
            offset += 4
            ignoresCase = true
            return nil
        }
        if starts(with: "(?-i:") {
            offset += 5
            ignoresCase = false
            return nil
        }
        let shown = String(String.UnicodeScalarView(scalars[offset...].prefix(4)))
        throw unsupported("the group '\(shown)'")
    }
}

// MARK: Repetitions

extension PatternParser {
    private mutating func quantified(_ node: PatternNode) throws(PatternError) -> PatternNode {
        let start = offset
        guard var repetition = try repetition() else { return node }
        let isCounted = scalars[start] == "{"
        switch next {
        case "?" where !isCounted: repetition.mode = .lazy
        case "+" where !isCounted: repetition.mode = .possessive
        default: offset -= 1
        }
        offset += 1
        if let scalar = next, "*+?{".unicodeScalars.contains(scalar) {
            throw unsupported("a repetition of a repetition")
        }
        if node.matchesEmpty {
            throw unsupported("the repetition of a group that can match nothing")
        }
        return .repetition(node, repetition)
    }

    private mutating func repetition() throws(PatternError) -> PatternNode.Repetition? {
        switch next {
        case "*": return simple(minimum: 0, maximum: nil)
        case "+": return simple(minimum: 1, maximum: nil)
        case "?": return simple(minimum: 0, maximum: 1)
        case "{": return try counted()
        default: return nil
        }
    }

    private mutating func simple(minimum: Int, maximum: Int?) -> PatternNode.Repetition {
        offset += 1
        return PatternNode.Repetition(minimum: minimum, maximum: maximum, mode: .greedy)
    }

    /// `{m}`, `{m,}`, `{m,n}` or `{,n}`.
    private mutating func counted() throws(PatternError) -> PatternNode.Repetition {
        let start = offset
        offset += 1
        let minimum = try count()
        var maximum = minimum
        if next == "," {
            offset += 1
            maximum = try count()
        } else if minimum == nil {
            throw PatternError(.malformed("a repetition without a count"), offset: start, pattern: source)
        }
        guard next == "}", minimum != nil || maximum != nil else {
            throw PatternError(.malformed("a malformed repetition"), offset: start, pattern: source)
        }
        offset += 1
        if let maximum, maximum < minimum ?? 0 {
            throw PatternError(.malformed("a repetition whose bounds are reversed"), offset: start, pattern: source)
        }
        return PatternNode.Repetition(minimum: minimum ?? 0, maximum: maximum, mode: .greedy)
    }

    private mutating func count() throws(PatternError) -> Int? {
        var value: Int?
        while let digit = next.flatMap({ $0.isASCII ? Character($0).wholeNumberValue : nil }) {
            let extended = (value ?? 0) * 10 + digit
            guard extended <= Self.countLimit else {
                throw malformed("a repetition count above \(Self.countLimit)")
            }
            value = extended
            offset += 1
        }
        return value
    }
}

// MARK: Reading

extension PatternParser {
    var next: Unicode.Scalar? { offset < scalars.count ? scalars[offset] : nil }

    func starts(with text: String) -> Bool {
        scalars[offset...].starts(with: text.unicodeScalars)
    }

    @inline(never)
    func error(_ reason: PatternError.Reason) -> PatternError {
        PatternError(reason, offset: offset, pattern: source)
    }

    func malformed(_ what: String) -> PatternError { error(.malformed(what)) }

    func unsupported(_ what: String) -> PatternError { error(.unsupported(what)) }
}
