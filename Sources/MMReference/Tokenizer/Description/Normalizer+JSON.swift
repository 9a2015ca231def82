import MMBytes

/// Reads the `normalizer` of a tokenizer.json.
extension Normalizer {
    /// Throws `TokenizerError` that names the component that is not supported and its place.
    init(_ node: DescriptionNode) throws(TokenizerError) {
        try append(node)
    }

    private mutating func append(_ node: DescriptionNode) throws(TokenizerError) {
        let type = try node.type()
        switch type {
        // The JSON parser bounds how deep sequences nest.
        case "Sequence":
            for part in try node.required("normalizers", "the parts of a Sequence").elements() { try append(part) }
        case "NFC": steps.append(.form(try UnicodeForm(isCompatible: false, composes: true)))
        case "NFD": steps.append(.form(try UnicodeForm(isCompatible: false, composes: false)))
        case "NFKC": steps.append(.form(try UnicodeForm(isCompatible: true, composes: true)))
        case "NFKD": steps.append(.form(try UnicodeForm(isCompatible: true, composes: false)))
        case "Prepend": steps.append(.prepend(try node.required("prepend", "a text").text()))
        case "Replace":
            let content = try node.required("content", "a text").text()
            steps.append(.replace(try SplitPattern(memberOf: node), with: content))
        case "Lowercase": steps.append(.lowercase)
        case "StripAccents": steps.append(.dropMarks)
        case "Strip":
            let left = try node.flag("strip_left", standard: true)
            steps.append(.strip(left: left, right: try node.flag("strip_right", standard: true)))
        case "Precompiled": steps.append(.characterMap(try Self.characterMap(node)))
        default: throw node.unsupported(type)
        }
    }

    private static func characterMap(_ node: DescriptionNode) throws(TokenizerError) -> CharacterMap {
        guard let member = node.member("precompiled_charsmap") else { return try Self.emptyMap(node) }
        guard let bytes = Base64.decode(try member.string().bytes), let map = CharacterMap(bytes) else {
            throw member.wrongType("a character map in base 64")
        }
        return map
    }

    private static func emptyMap(_ node: DescriptionNode) throws(TokenizerError) -> CharacterMap {
        guard let map = CharacterMap([]) else { throw node.wrongType("a character map") }
        return map
    }
}

extension DescriptionNode {
    /// The bytes of a string that is valid UTF-8.
    func text() throws(TokenizerError) -> [UInt8] {
        let string = try string()
        guard string.isValidUTF8 else { throw wrongType("valid UTF-8") }
        return string.bytes
    }
}
