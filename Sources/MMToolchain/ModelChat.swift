internal import MMArchitectures
internal import MMBytes
internal import MMCheckpoints
internal import MMReference
internal import MMTensors

/// The chat template among the files that travel with a model, and the variables that it is rendered with.
struct ModelChat {
    private let template: ChatTemplate
    /// The special tokens by their names: `bos_token`, `eos_token` and others.
    private let tokens: [JSONMember]
    private let secondsSince1970: Int?

    /// What the template calls `bos_token`.
    var beginning: ByteString? { tokens.first { $0.name == "bos_token" }?.value.string }

    /// The template of chat_template.jinja, of chat_template.json, of tokenizer_config.json, else of a GGUF file's
    /// metadata; nil where a model has none.
    ///
    /// - Throws: `TemplateError` and `ParseError` for files that are malformed.
    init?(assets: [Asset], tokenizer: Tokenizer, secondsSince1970: Int?) throws {
        guard let source = try Self.source(in: assets) else { return nil }
        template = try ChatTemplate(source: source)
        tokens = try Self.tokens(in: assets, tokenizer)
        self.secondsSince1970 = secondsSince1970
    }

    private static func source(in assets: [Asset]) throws -> [UInt8]? {
        if let asset = assets.first(where: { $0.name == "chat_template.jinja" }) { return asset.bytes }
        for name in ["chat_template.json", "tokenizer_config.json"] {
            let value = try ModelTokenizer.json(name, in: assets)?["chat_template"]
            if let text = value?.string ?? value?.elements.flatMap(Self.chosen) { return text.bytes }
        }
        return try ModelTokenizer.metadata(in: assets)?["tokenizer.chat_template"]?.string?.bytes
    }

    /// Of several templates the one called "default", else the first.
    private static func chosen(_ templates: [JSONValue]) -> ByteString? {
        (templates.first { $0["name"]?.string == "default" } ?? templates.first)?["template"]?.string
    }

    /// Every `..._token` of tokenizer_config.json, as transformers passes them; else the ends that the tokenizer knows.
    private static func tokens(in assets: [Asset], _ tokenizer: Tokenizer) throws -> [JSONMember] {
        var members: [JSONMember] = []
        for member in try ModelTokenizer.json("tokenizer_config.json", in: assets)?.members ?? [] {
            guard member.name.hasSuffix("_token"), let text = member.value.string ?? member.value["content"]?.string
            else { continue }
            members.append(JSONMember(name: member.name, value: .string(text)))
        }
        let known: [(ByteString, UInt32?)] = [
            ("bos_token", tokenizer.beginningOfSequenceID), ("eos_token", tokenizer.endOfSequenceID),
        ]
        for (name, id) in known {
            guard let id, !members.contains(where: { $0.name == name }) else { continue }
            members.append(JSONMember(name: name, value: .string(ByteString(tokenizer.decode([id])))))
        }
        return members
    }

    /// The text of one turn, with the beginning of the answer.
    ///
    /// Templates of models that see pictures take a message's content as a list of parts, and show nothing of a text:
    /// the spelling is taken that shows the user's words, and as many places as there are pictures.
    ///
    /// - Parameters:
    ///   - pictureCount: pictures that the user shows; where `user` has no places for them they come before it.
    ///   - marks: how the model's family marks places.
    func prompt(
        user: ByteString,
        system: ByteString?,
        pictureCount: Int = 0,
        marks: PicturePrompt? = nil
    ) throws -> ByteString {
        let words = Self.trimmed(user)
        func isWhole(_ text: ByteString) -> Bool {
            Self.contains(text, words) && (pictureCount == 0 || marks?.placeCount(in: text) == pictureCount)
        }
        var first: Result<ByteString, TemplateError>?
        for content in Self.contents(user, pictureCount: pictureCount, marks: marks) {
            let result = render(user: content, system: system)
            if case .success(let text) = result, isWhole(text) { return text }
            if case .failure(let error) = result, case .tooLarge = error.reason { throw error }
            switch (first, result) {
            case (nil, _), (.failure?, .success): first = result
            default: break
            }
        }
        return try first?.get() ?? ""
    }

    /// The ways to write a user's turn, those first that most templates take.
    private static func contents(
        _ user: ByteString,
        pictureCount: Int,
        marks: PicturePrompt?
    ) -> [JSONValue] {
        let words: JSONValue = ["type": "text", "text": .string(user)]
        guard let marks, pictureCount > 0, marks.placeCount(in: user) == 0 else { return [.string(user), [words]] }
        let pictures = [JSONValue](repeating: ["type": "image"], count: pictureCount)
        let marked = String(repeating: marks.unmarked, count: pictureCount)
        return [.array(pictures + [words]), .string(ByteString(Array(marked.utf8) + user.bytes))]
    }

    private func render(user: JSONValue, system: ByteString?) -> Result<ByteString, TemplateError> {
        func message(_ role: String, _ content: JSONValue) -> JSONValue { ["role": .text(role), "content": content] }
        let before = system.map { text in
            message("system", user.string == nil ? [["type": "text", "text": .string(text)]] : .string(text))
        }
        let messages = [before, message("user", user)].compactMap(\.self)
        let variables: [JSONMember] = [
            JSONMember(name: "messages", value: .array(messages)), JSONMember(name: "tools", value: .null),
            JSONMember(name: "documents", value: .null), JSONMember(name: "add_generation_prompt", value: true),
        ]
        do {
            return .success(
                ByteString(try template.render(.object(variables + tokens), secondsSince1970: secondsSince1970))
            )
        } catch {
            return .failure(error)
        }
    }

    /// Without white space at the ends, which templates trim.
    private static func trimmed(_ text: ByteString) -> ByteString {
        let kept = text.bytes.drop { $0 <= 0x20 }
        return ByteString(kept.prefix((kept.lastIndex { $0 > 0x20 } ?? kept.startIndex - 1) + 1 - kept.startIndex))
    }

    private static func contains(_ text: ByteString, _ words: ByteString) -> Bool {
        // What is not UTF-8 has been repaired on its way through the template.
        words.isEmpty || text.bytes.contains(Array(words.string.utf8))
    }
}
