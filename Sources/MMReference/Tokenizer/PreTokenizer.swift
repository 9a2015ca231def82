import MMBytes

/// Cuts text into the words that a model encodes one by one.
struct PreTokenizer: Sendable {
    enum Step: Sendable {
        case split(SplitPattern, SplitBehavior, isInverted: Bool)
        /// Puts a space before each piece that does not begin with one.
        case prefixSpace
        /// Replaces spaces, and puts the replacement before pieces that do not begin with it.
        case metaspace(replacement: [UInt8], PrefixPlace)
    }

    /// Which pieces get a replaced space before them (names as in `tokenizers`).
    enum PrefixPlace: Sendable {
        case always
        /// Only the piece with which the text as given begins.
        case first
        case never
    }

    /// What becomes of the parts that a pattern matches (names as in `tokenizers`).
    enum SplitBehavior: Sendable {
        case isolated
        case removed
        case mergedWithPrevious
        case mergedWithNext
        case contiguous
    }

    /// GPT-2's pattern, which `ByteLevel` applies (Radford et al., 2019, encoder.py).
    static let byteLevelPattern: ByteString =
        #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

    var steps: [Step] = []
    /// Whether the words go on as bytes in `ByteAlphabet`: the last component is a ByteLevel.
    var isByteLevel = false

    func cut(_ text: inout SegmentedText) throws(PatternError) {
        for step in steps {
            switch step {
            case .prefixSpace:
                text.rewriteText { source, _, output in
                    if source.count > 0, source[0] != 0x20 { output.append(0x20) }
                    output.append(source)
                }
            case .metaspace(let replacement, let place):
                text.rewriteText { source, isOrigin, output in
                    let isPrefixed = place == .always || place == .first && isOrigin
                    Self.replaceSpaces(source, replacement, isPrefixed: isPrefixed, &output)
                }
            case .split(let pattern, let behavior, let isInverted):
                var matches: [Range<Int>] = []
                var budget = PatternBudget(textByteCount: text.bytes.count)
                try text.cutText { bytes, range, segments throws(PatternError) in
                    matches.removeAll(keepingCapacity: true)
                    let piece = bytes.extracting(range)
                    try pattern.appendMatches(in: piece, base: range.lowerBound, budget: &budget, to: &matches)
                    Self.cut(range, at: matches, behavior, isInverted: isInverted, into: &segments)
                }
            }
        }
    }

    private static func replaceSpaces(
        _ source: Span<UInt8>,
        _ replacement: [UInt8],
        isPrefixed: Bool,
        _ output: inout [UInt8]
    ) {
        let start = output.count
        if isPrefixed { output += replacement }
        for index in source.indices {
            if source[index] == 0x20 { output += replacement } else { output.append(source[index]) }
        }
        let count = replacement.count
        guard isPrefixed, output.count >= start + 2 * count else { return }
        // It is not doubled where the piece begins with it.
        if output[(start + count)..<(start + 2 * count)].elementsEqual(replacement) {
            output.removeSubrange(start..<start + count)
        }
    }

    private static func cut(
        _ range: Range<Int>,
        at matches: [Range<Int>],
        _ behavior: SplitBehavior,
        isInverted: Bool,
        into segments: inout [SegmentedText.Segment]
    ) {
        var joiner = PieceJoiner(behavior: behavior)
        var position = range.lowerBound
        for match in matches {
            if position < match.lowerBound {
                joiner.add(position..<match.lowerBound, isMatch: isInverted, to: &segments)
            }
            joiner.add(match, isMatch: !isInverted, to: &segments)
            position = match.upperBound
        }
        if position < range.upperBound { joiner.add(position..<range.upperBound, isMatch: isInverted, to: &segments) }
        joiner.finish(&segments)
    }
}
