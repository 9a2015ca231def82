import MMBytes

/// Rewrites text before it is cut into words: the `normalizer` of a tokenizer.json, or what a GGUF file's kind implies.
struct Normalizer: Sendable {
    enum Step: Sendable {
        case form(UnicodeForm)
        /// Puts bytes before each piece that is not empty.
        case prepend([UInt8])
        case replace(SplitPattern, with: [UInt8])
        case lowercase
        /// Takes white space off the ends of each piece.
        case strip(left: Bool, right: Bool)
        /// Drops combining marks (general category M).
        case dropMarks
        /// The library's `Precompiled`.
        case characterMap(CharacterMap)
        case spacing(PieceSpacing)
    }

    var steps: [Step] = []

    /// Throws `TokenizerError` for a text that becomes longer than `Tokenizer.textLimit`.
    func normalize(_ text: inout SegmentedText) throws(TokenizerError) {
        for step in steps {
            var budget = PatternBudget(textByteCount: text.bytes.count)
            try text.rewriteText { source, isOrigin, output throws(TokenizerError) in
                isOrigin = try Self.apply(step, source, &budget, &output) && isOrigin
                guard output.count <= Tokenizer.textLimit else { throw Self.tooLong(output.count) }
            }
        }
    }

    /// A token's content as it is searched in normalized text.
    func normalized(_ content: ByteString) throws(TokenizerError) -> ByteString {
        var text = SegmentedText(content.bytes)
        try normalize(&text)
        return ByteString(text.bytes)
    }

    /// Appends what becomes of `source`; false when it no longer begins where it did, as the library's alignments have
    /// it: its first scalar was dropped, or replaced together with others.
    private static func apply(
        _ step: Step,
        _ source: Span<UInt8>,
        _ budget: inout PatternBudget,
        _ output: inout [UInt8]
    ) throws(TokenizerError) -> Bool {
        switch step {
        case .form(let form): form.append(source, to: &output)
        case .prepend(let bytes):
            if source.count > 0 { output += bytes }
            output.append(source)
        case .replace(let pattern, let content):
            return try replace(pattern, content, source, &budget, &output)
        case .lowercase: appendLowercase(of: source, to: &output)
        case .strip(let left, let right):
            let kept = stripped(source, left: left, right: right)
            output.append(source.extracting(kept))
            return kept.lowerBound == 0
        case .dropMarks:
            appendUnmarked(source, to: &output)
            return source.count == 0 || ScalarTraits.bits(of: source.scalar(at: 0).value) & marks == 0
        case .characterMap(let map): map.appendClusters(of: source, to: &output)
        case .spacing(let spacing): spacing.append(source, to: &output)
        }
        return true
    }

    private static func replace(
        _ pattern: SplitPattern,
        _ content: [UInt8],
        _ source: Span<UInt8>,
        _ budget: inout PatternBudget,
        _ output: inout [UInt8]
    ) throws(TokenizerError) -> Bool {
        var matches: [Range<Int>] = []
        do {
            try pattern.appendMatches(in: source, base: 0, budget: &budget, to: &matches)
        } catch {
            throw TokenizerError(.pattern(error), at: "normalizer")
        }
        let added = matches.count.multiplied(by: content.count)?.adding(output.count) ?? .max
        guard added <= Tokenizer.textLimit else { throw tooLong(added) }
        var position = 0
        for match in matches {
            output.append(source.extracting(position..<match.lowerBound))
            output += content
            position = match.upperBound
        }
        output.append(source.extracting(position..<source.count))
        guard let first = matches.first, first.lowerBound == 0, !first.isEmpty else { return true }
        return !content.isEmpty && first.upperBound == source.positionAfterScalar(at: 0)
    }

    private static func tooLong(_ byteCount: Int) -> TokenizerError {
        TokenizerError(.textTooLong(byteCount: byteCount, allowed: Tokenizer.textLimit), at: "normalized text")
    }

    /// Scalar by scalar, without regard to what is around it, as Rust's `char::to_lowercase` does.
    private static func appendLowercase(of source: Span<UInt8>, to output: inout [UInt8]) {
        var position = 0
        while position < source.count {
            let (value, length) = source.scalar(at: position)
            if value < 0x80 {
                output.append(UInt8(truncatingIfNeeded: 0x41...0x5A ~= value ? value | 0x20 : value))
            } else if let scalar = Unicode.Scalar(value) {
                output += scalar.properties.lowercaseMapping.utf8
            }
            position += length
        }
    }

    private static func stripped(_ source: Span<UInt8>, left: Bool, right: Bool) -> Range<Int> {
        func isSpace(_ position: Int) -> Bool {
            ScalarTraits.bits(of: source.scalar(at: position).value) & ScalarTraits.whitespace != 0
        }
        var start = 0
        var end = source.count
        while left, start < end, isSpace(start) { start = source.positionAfterScalar(at: start) }
        while right, start < end {
            let before = source.positionBeforeScalar(at: end)
            guard isSpace(before) else { break }
            end = before
        }
        return start..<end
    }

    private static let marks = ScalarTraits.mask(named: "M") ?? 0

    private static func appendUnmarked(_ source: Span<UInt8>, to output: inout [UInt8]) {
        var position = 0
        while position < source.count {
            let (value, length) = source.scalar(at: position)
            if ScalarTraits.bits(of: value) & marks == 0 {
                output.append(source.extracting(position..<position + length))
            }
            position += length
        }
    }
}
