import MMBytes

/// Reads the `pre_tokenizer` of a tokenizer.json.
extension PreTokenizer {
    /// Throws `TokenizerError` that names the component that is not supported and its place.
    init(_ node: DescriptionNode) throws(TokenizerError) {
        let components = try node.flattened("pretokenizers")
        for (index, component) in components.enumerated() {
            let type = try component.type()
            switch type {
            case "Split": try appendSplit(component)
            case "Digits": try appendDigits(component)
            case "Metaspace": try appendMetaspace(component)
            case "Punctuation":
                let behavior = try component.member("behavior").map { node throws(TokenizerError) in
                    try Self.behavior(node)
                }
                try append(Self.punctuationPattern, behavior ?? .isolated, component)
            case "Whitespace": try append(Self.wordPattern, .removed, isInverted: true, component)
            case "WhitespaceSplit": try append(#"\s"#, .removed, component)
            case "ByteLevel":
                guard index == components.count - 1 else {
                    throw component.unsupported(option: "ByteLevel before another pre-tokenizer")
                }
                isByteLevel = true
                if try component.flag("add_prefix_space", standard: true) { steps.append(.prefixSpace) }
                guard try component.flag("use_regex", standard: true) else { continue }
                try append(Self.byteLevelPattern, .isolated, component)
            default: throw component.unsupported(type)
            }
        }
    }

    /// General category P, and what ASCII has of punctuation besides.
    private static let punctuationPattern: ByteString = #"[\p{P}$+<=>^`|~]"#
    /// `\w+|[^\w\s]+` as Rust's regular expressions read it, where the two joiners are word characters.
    private static let wordPattern: ByteString = #"[\w\x{200C}\x{200D}]+|[^\w\s\x{200C}\x{200D}]+"#

    private mutating func appendSplit(_ node: DescriptionNode) throws(TokenizerError) {
        let pattern = try SplitPattern(memberOf: node)
        let behavior = try Self.behavior(try node.required("behavior", "a Split's behavior"))
        steps.append(.split(pattern, behavior, isInverted: try node.flag("invert", standard: false)))
    }

    private mutating func appendDigits(_ node: DescriptionNode) throws(TokenizerError) {
        let isIndividual = try node.flag("individual_digits", standard: false)
        let pattern: ByteString = isIndividual ? #"\p{N}"# : #"\p{N}+"#
        try append(pattern, isIndividual ? .isolated : .contiguous, node)
    }

    private mutating func appendMetaspace(_ node: DescriptionNode) throws(TokenizerError) {
        let replacement = try node.replacement()
        let place: PrefixPlace
        switch try node.prependScheme() {
        case "always": place = .always
        case "first": place = .first
        case "never": place = .never
        case let scheme: throw node.unsupported(option: "the prepend_scheme \(scheme)")
        }
        steps.append(.metaspace(replacement: replacement, place))
        guard try node.flag("split", standard: true) else { return }
        let pattern = try SplitPattern(literal: ByteString(replacement), at: node.path)
        steps.append(.split(pattern, .mergedWithNext, isInverted: false))
    }

    private mutating func append(
        _ pattern: ByteString,
        _ behavior: SplitBehavior,
        isInverted: Bool = false,
        _ node: DescriptionNode
    ) throws(TokenizerError) {
        steps.append(.split(try SplitPattern(pattern, at: node.path), behavior, isInverted: isInverted))
    }

    private static func behavior(_ node: DescriptionNode) throws(TokenizerError) -> SplitBehavior {
        let name = try node.string()
        return switch name {
        case "Isolated": .isolated
        case "Removed": .removed
        case "MergedWithPrevious": .mergedWithPrevious
        case "MergedWithNext": .mergedWithNext
        case "Contiguous": .contiguous
        default: throw node.unsupported(option: "the behavior \(name)")
        }
    }
}

extension DescriptionNode {
    /// The "replacement" of a Metaspace: one scalar.
    func replacement() throws(TokenizerError) -> [UInt8] {
        guard let node = member("replacement") else { return PieceSpacing.space }
        let text = try node.text()
        guard !text.isEmpty, text.span.positionAfterScalar(at: 0) == text.count else {
            throw node.wrongType("one character")
        }
        return text
    }

    /// The "prepend_scheme" of a Metaspace. Files from before version 0.16 of the library have `add_prefix_space`.
    func prependScheme() throws(TokenizerError) -> ByteString {
        if let scheme = try member("prepend_scheme")?.string() { return scheme }
        return try flag("add_prefix_space", standard: true) ? "always" : "never"
    }
}
