internal import MMArchitectures
internal import MMBytes
internal import MMReference

extension GenerationSession {
    /// A prompt as the decoder takes it.
    ///
    /// The pictures of the files `images` go where the prompt has the family's marker, before it where it has none; the
    /// turns of a chat have them as its template writes them.
    ///
    /// - Parameters:
    ///   - isPanning: shows crops of pictures that are much longer than wide, or wider than high (Gemma 3).
    ///   - secondsSince1970: the moment that a chat template may show, in UTC.
    /// - Throws: `ToolchainError` for a model without tokenizer, chat template or image processor where one is needed, or
    ///   that takes no pictures, or no crops of them, or no films, and for a prompt with another number of places than
    ///   pictures; `TemplateError`; as `PicturedPrompt.init`.
    package func prepare(
        _ prompt: GenerationPrompt,
        images: [String] = [],
        isPanning: Bool = false,
        secondsSince1970: Int? = nil
    ) throws -> PreparedPrompt {
        let tokenizer = try knownTokenizer()
        let fusion = source.mapped.model.fusion
        if !images.isEmpty, fusion == nil { throw ToolchainError(.takesNoPictures, path: path) }
        let (text, addsSpecialTokens) = try spelled(prompt, pictureCount: images.count, tokenizer, secondsSince1970)
        if let film = fusion?.prompt.film, Self.contains(text, film) {
            throw ToolchainError(.takesNoFilms(marker: film), path: path)
        }
        guard !images.isEmpty else {
            return PreparedPrompt(
                spelled: text,
                ids: try tokenizer.encode(text, addSpecialTokens: addsSpecialTokens),
                layout: SequenceLayout()
            )
        }
        let pictured = try PicturedPrompt(
            text,
            images: images,
            isPanning: isPanning,
            of: source,
            width: decoder.configuration.modelWidth,
            team: decoder.team
        )
        let ids = try tokenizer.encode(pictured.text, addSpecialTokens: addsSpecialTokens)
        return PreparedPrompt(spelled: text, ids: ids, layout: try pictured.layout(of: ids))
    }

    /// The text of a prompt with a marker for each picture, and whether the tokenizer puts its own tokens around it.
    private func spelled(
        _ prompt: GenerationPrompt,
        pictureCount: Int,
        _ tokenizer: Tokenizer,
        _ secondsSince1970: Int?
    ) throws -> (ByteString, addsSpecialTokens: Bool) {
        let marks = source.mapped.model.fusion?.prompt
        switch prompt {
        case .text(let text): return (text, pictureCount == 0 ? true : marks?.addsSpecialTokens ?? true)
        case .chat(let user, let system):
            let assets = try source.mapped.assets
            guard let chat = try ModelChat(assets: assets, tokenizer: tokenizer, secondsSince1970: secondsSince1970)
            else { throw ToolchainError(.noChatTemplate, path: path) }
            let text = try chat.prompt(user: user, system: system, pictureCount: pictureCount, marks: marks)
            // A tokenizer's `apply_chat_template` takes it for granted that the template writes special tokens; that of
            // a processor (processing_utils.py) looks whether it wrote the first.
            guard let marks else { return (text, false) }
            let places = marks.placeCount(in: text)
            // A template that has no place for a picture has dropped what was said beside it, or its place.
            guard pictureCount == 0 || places == pictureCount else {
                throw ToolchainError(.picturesDoNotFit(places: places, pictures: pictureCount), path: path)
            }
            let isBegun = chat.beginning.map { !$0.isEmpty && text.bytes.starts(with: $0.bytes) } ?? false
            return (text, marks.addsSpecialTokens && !isBegun)
        }
    }

    private static func contains(_ text: ByteString, _ marker: String) -> Bool {
        text.bytes.contains(Array(marker.utf8))
    }
}
