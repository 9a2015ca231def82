import MMBytes

/// Reads the `pre_tokenizer` of a tokenizer.json.
extension PreTokenizer {
    /// Throws `TokenizerError` that names the component that is not supported and its place.
    init(_ node: DescriptionNode) throws(TokenizerError) {
        var components: [DescriptionNode] = []
        try Self.flatten(node, into: &components)
        guard let last = components.last, try last.type() == "ByteLevel" else {
            throw node.unsupported(option: "a pre-tokenizer that does not end with ByteLevel")
        }
        for component in components {
            let type = try component.type()
            switch type {
            case "Split": try appendSplit(component)
            case "Digits": try appendDigits(component)
            case "ByteLevel":
                guard component.path == last.path else {
                    throw component.unsupported(option: "ByteLevel before another pre-tokenizer")
                }
                if try component.flag("add_prefix_space", standard: true) { steps.append(.prefixSpace) }
                guard try component.flag("use_regex", standard: true) else { continue }
                try appendIsolating(Self.byteLevelPattern, component)
            default: throw component.unsupported(type)
            }
        }
    }

    /// The components in order, with sequences opened.
    private static func flatten(
        _ node: DescriptionNode,
        into components: inout [DescriptionNode]
    ) throws(TokenizerError) {
        guard try node.type() == "Sequence" else {
            components.append(node)
            return
        }
        // The JSON parser bounds how deep sequences nest.
        for part in try node.required("pretokenizers", "the parts of a Sequence").elements() {
            try flatten(part, into: &components)
        }
    }

    private mutating func appendSplit(_ node: DescriptionNode) throws(TokenizerError) {
        let pattern = try node.required("pattern", "a Regex or a String")
        let compiled: SplitPattern
        if let expression = pattern.member("Regex") {
            compiled = try Self.compile(try expression.string(), expression)
        } else {
            let literal = try pattern.required("String", "a Regex or a String")
            let text = try literal.string()
            guard !text.isEmpty else { throw literal.unsupported(option: "an empty pattern") }
            compiled = try Self.compile(Self.escape(text), literal)
        }
        let behavior = try Self.behavior(try node.required("behavior", "a Split's behavior"))
        steps.append(.split(compiled, behavior, isInverted: try node.flag("invert", standard: false)))
    }

    private mutating func appendDigits(_ node: DescriptionNode) throws(TokenizerError) {
        let isIndividual = try node.flag("individual_digits", standard: false)
        try appendIsolating(isIndividual ? #"\p{N}"# : #"\p{N}+"#, node)
    }

    private mutating func appendIsolating(_ pattern: ByteString, _ node: DescriptionNode) throws(TokenizerError) {
        steps.append(.split(try Self.compile(pattern, node), .isolated, isInverted: false))
    }

    static func compile(_ pattern: ByteString, _ node: DescriptionNode) throws(TokenizerError) -> SplitPattern {
        do {
            return try SplitPattern(pattern)
        } catch {
            throw TokenizerError(.pattern(error), at: node.path)
        }
    }

    /// A pattern that matches the text as it stands.
    private static func escape(_ text: ByteString) -> ByteString {
        ByteString(text.bytes.flatMap { #"\.+*?()|[]{}^$"#.utf8.contains($0) ? [UInt8(ascii: #"\"#), $0] : [$0] })
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
