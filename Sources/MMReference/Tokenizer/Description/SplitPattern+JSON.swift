import MMBytes

extension SplitPattern {
    /// The member "pattern" of a component: `{"Regex": ...}`, or `{"String": ...}`, which stands for itself.
    init(memberOf component: DescriptionNode) throws(TokenizerError) {
        let pattern = try component.required("pattern", "a Regex or a String")
        if let expression = pattern.member("Regex") {
            try self.init(try expression.string(), at: expression.path)
            return
        }
        let literal = try pattern.required("String", "a Regex or a String")
        let text = try literal.string()
        guard !text.isEmpty else { throw literal.unsupported(option: "an empty pattern") }
        try self.init(literal: text, at: literal.path)
    }

    /// A pattern that matches the text as it stands.
    init(literal text: ByteString, at place: String) throws(TokenizerError) {
        let escaped = text.bytes.flatMap { #"\.+*?()|[]{}^$"#.utf8.contains($0) ? [UInt8(ascii: #"\"#), $0] : [$0] }
        try self.init(ByteString(escaped), at: place)
    }

    init(_ pattern: ByteString, at place: String) throws(TokenizerError) {
        do {
            try self.init(pattern)
        } catch {
            throw TokenizerError(.pattern(error), at: place)
        }
    }
}
