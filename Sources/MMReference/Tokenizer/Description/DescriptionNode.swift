import MMBytes

/// A place in a tokenizer's description: a JSON value and the path that leads to it, so that errors can name it.
struct DescriptionNode {
    let value: JSONValue
    let path: String

    /// The member, or nil where it is missing or null.
    func member(_ name: String) -> DescriptionNode? {
        guard let value = value[ByteString(name)], value != .null else { return nil }
        return DescriptionNode(value: value, path: path.isEmpty ? name : "\(path).\(name)")
    }

    func required(_ name: String, _ expected: String) throws(TokenizerError) -> DescriptionNode {
        guard let member = member(name) else {
            throw TokenizerError(.missing(expected: expected), at: path.isEmpty ? name : "\(path).\(name)")
        }
        return member
    }

    func elements() throws(TokenizerError) -> [DescriptionNode] {
        guard let elements = value.elements else { throw wrongType("an array") }
        return elements.enumerated().map { DescriptionNode(value: $1, path: "\(path)[\($0)]") }
    }

    func string() throws(TokenizerError) -> ByteString {
        guard let string = value.string else { throw wrongType("a string") }
        return string
    }

    func integer() throws(TokenizerError) -> Int {
        guard let integer = value.integer else { throw wrongType("an integer") }
        return integer
    }

    func bool() throws(TokenizerError) -> Bool {
        guard let bool = value.bool else { throw wrongType("true or false") }
        return bool
    }

    /// The flag `name`, or `standard` where it is missing.
    func flag(_ name: String, standard: Bool) throws(TokenizerError) -> Bool {
        try member(name)?.bool() ?? standard
    }

    /// The member "type" of a component.
    func type() throws(TokenizerError) -> ByteString {
        try required("type", "a component's type").string()
    }

    /// The components of a Sequence, whose parts are the member `parts` and may be sequences themselves; else the one.
    ///
    /// The JSON parser bounds how deep sequences nest.
    func flattened(_ parts: String) throws(TokenizerError) -> [DescriptionNode] {
        guard try type() == "Sequence" else { return [self] }
        var components: [DescriptionNode] = []
        for part in try required(parts, "the parts of a Sequence").elements() {
            components += try part.flattened(parts)
        }
        return components
    }

    @inline(never)
    func wrongType(_ expected: String) -> TokenizerError { TokenizerError(.wrongType(expected: expected), at: path) }

    @inline(never)
    func unsupported(_ type: ByteString) -> TokenizerError { TokenizerError(.unsupportedComponent(type), at: path) }

    @inline(never)
    func unsupported(option: String) -> TokenizerError { TokenizerError(.unsupportedOption(option), at: path) }
}
