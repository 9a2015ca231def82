import MMBytes

/// Reads the `decoder` of a tokenizer.json.
extension TokenDecoder {
    /// Throws `TokenizerError` that names the component that is not supported and its place.
    init(_ node: DescriptionNode) throws(TokenizerError) {
        let components = try node.flattened("decoders")
        var isFused = false
        var hasBytes = false
        for component in components {
            let type = try component.type()
            if isByteLevel { throw component.unsupported(option: "a component behind ByteLevel") }
            switch type {
            case "ByteLevel":
                guard components.count == 1 else {
                    throw component.unsupported(option: "a Sequence of \(components.count) decoders with ByteLevel")
                }
                isByteLevel = true
            case "Fuse": isFused = true
            case "Strip":
                try appendStrip(component, isFused: isFused, hasBytes: hasBytes)
            case "Replace", "Metaspace", "ByteFallback":
                guard !isFused, !hasBytes else {
                    throw component.unsupported(option: "\(type) behind \(isFused ? "Fuse" : "ByteFallback")")
                }
                hasBytes = type == "ByteFallback"
                steps.append(try Self.step(type, component))
            default: throw component.unsupported(type)
            }
        }
    }

    private static func step(_ type: ByteString, _ node: DescriptionNode) throws(TokenizerError) -> Step {
        switch type {
        case "Replace":
            let pattern = try node.required("pattern", "a String")
            if pattern.member("Regex") != nil { throw pattern.unsupported(option: "a Regex in a decoder") }
            let literal = try pattern.required("String", "a String")
            let old = try literal.text()
            guard !old.isEmpty else { throw literal.unsupported(option: "an empty pattern") }
            return .replace(old, with: try node.required("content", "a text").text())
        case "Metaspace":
            return .metaspace(replacement: try node.replacement(), dropsFirst: try node.prependScheme() != "never")
        default: return .byteFallback
        }
    }

    private mutating func appendStrip(
        _ node: DescriptionNode,
        isFused: Bool,
        hasBytes: Bool
    ) throws(TokenizerError) {
        let content = try node.required("content", "a character").text()
        let start = try node.member("start")?.integer() ?? 0
        let end = try node.member("stop")?.integer() ?? 0
        guard !content.isEmpty, (0...1_024).contains(start), (0...1_024).contains(end) else {
            throw node.wrongType("a character and how often it is stripped, at most 1024 times")
        }
        guard isFused else {
            if hasBytes { throw node.unsupported(option: "Strip behind ByteFallback without Fuse") }
            steps.append(.strip(content, start: start, end: end))
            return
        }
        guard end == 0 else { throw node.unsupported(option: "a Strip at the end of the text") }
        guard strippedStartCount == 0 else { throw node.unsupported(option: "a second Strip") }
        strippedStart = content
        strippedStartCount = start
    }
}
