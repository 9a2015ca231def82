package import MMBytes

/// A regular expression as tokenizers use them to split text into words: compiled once, run on many texts.
///
/// The syntax is the part of Oniguruma's default syntax (the engine of the `tokenizers` library) that families use:
/// alternation, groups, classes, `\p{..}` with general categories, greedy, lazy and possessive repetition, lookahead,
/// `(?i:..)`, line and word assertions. Everything else is refused by name.
package struct SplitPattern: Sendable {
    package let source: ByteString
    private let program: PatternProgram

    /// Throws `PatternError` with the place in the pattern.
    package init(_ source: ByteString) throws(PatternError) {
        self.source = source
        program = try PatternCompiler.compile(source)
    }

    /// The matches in `text`, leftmost first and without overlap, as byte offsets. `text` is valid UTF-8.
    ///
    /// Throws `PatternError` when the pattern needs more steps than the text's length allows.
    package func matches(in text: Span<UInt8>) throws(PatternError) -> [Range<Int>] {
        var matches: [Range<Int>] = []
        var budget = PatternBudget(textByteCount: text.count)
        try appendMatches(in: text, base: 0, budget: &budget, to: &matches)
        return matches
    }

    /// Appends the matches in `text` as ranges moved by `base`.
    func appendMatches(
        in text: Span<UInt8>,
        base: Int,
        budget: inout PatternBudget,
        to matches: inout [Range<Int>]
    ) throws(PatternError) {
        var matcher = PatternMatcher(program: program, source: source, text: text, budget: budget)
        try matcher.appendMatches(base: base, to: &matches)
        budget.stepCount = matcher.stepCount
    }
}
