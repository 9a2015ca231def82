import MMBytes

/// The ids that go before and behind a text: the `post_processor` of a tokenizer.json.
struct SpecialTokenTemplate {
    var prefixIDs: [UInt32] = []
    var suffixIDs: [UInt32] = []

    /// Throws `TokenizerError` that names the component that is not supported and its place.
    init(_ node: DescriptionNode?, tokenCount: Int) throws(TokenizerError) {
        guard let node else { return }
        try apply(node, tokenCount: tokenCount)
    }

    private mutating func apply(_ node: DescriptionNode, tokenCount: Int) throws(TokenizerError) {
        let type = try node.type()
        switch type {
        case "ByteLevel": break  // Moves offsets, not ids.
        case "TemplateProcessing": try applyTemplate(node, tokenCount: tokenCount)
        case "Sequence":
            for part in try node.required("processors", "the parts of a Sequence").elements() {
                try apply(part, tokenCount: tokenCount)
            }
        default: throw node.unsupported(type)
        }
    }

    private mutating func applyTemplate(_ node: DescriptionNode, tokenCount: Int) throws(TokenizerError) {
        let known = try node.required("special_tokens", "the template's tokens")
        var before: [UInt32] = []
        var after: [UInt32] = []
        var sequenceCount = 0
        for part in try node.required("single", "the template for one text").elements() {
            if let sequence = part.member("Sequence") {
                guard try sequence.required("id", "A").string() == "A" else {
                    throw sequence.unsupported(option: "a template of one text that names another")
                }
                sequenceCount += 1
                continue
            }
            let name = try part.required("SpecialToken", "a Sequence or a SpecialToken").required("id", "a token")
            let ids = try Self.ids(of: try name.string(), in: known, tokenCount: tokenCount)
            if sequenceCount == 0 { before += ids } else { after += ids }
        }
        guard sequenceCount == 1 else {
            throw node.unsupported(option: "a template that holds the text \(sequenceCount) times")
        }
        prefixIDs = before + prefixIDs
        suffixIDs += after
    }

    private static func ids(
        of name: ByteString,
        in known: DescriptionNode,
        tokenCount: Int
    ) throws(TokenizerError) -> [UInt32] {
        guard let value = known.value[name] else {
            throw TokenizerError(.unknownToken(name), at: known.path)
        }
        let node = DescriptionNode(value: value, path: "\(known.path).\(name)")
        var ids: [UInt32] = []
        for element in try node.required("ids", "the ids of a template's token").elements() {
            let id = try element.integer()
            guard let checked = UInt32(exactly: id), id < tokenCount else {
                throw TokenizerError(.idOutOfRange(id, count: tokenCount), at: element.path)
            }
            ids.append(checked)
        }
        return ids
    }
}
