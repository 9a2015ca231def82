internal import MMArchitectures
package import MMBytes
internal import MMReference
internal import MMStorage
internal import MMTensors

/// run: the reference model continues a prompt.
package struct GenerationSession {
    package struct Summary: Sendable, Hashable {
        package let promptCount: Int
        package let generatedCount: Int
    }

    private let path: String
    private let source: ModelSource
    private let decoder: ReferenceDecoder
    private let tokenizer: Tokenizer?

    /// Opens a bundle, or any checkpoint whose architecture is known.
    package init(path: String, width: Int) throws {
        let source = try ModelSource(path: path)
        guard let configuration = source.mapped.model.decoder else {
            let reason = source.mapped.model.reason ?? "the model cannot be run"
            throw ToolchainError(.cannotRun(reason), path: path)
        }
        self.path = path
        self.source = source
        tokenizer = try ModelTokenizer.tokenizer(of: source.mapped.assets)
        let team = ThreadTeam(threadCount: width)
        decoder = try ReferenceDecoder(
            source: source.mapped,
            configuration: configuration,
            team: team,
            arithmetic: .rounded
        )
    }

    /// Generates at most `limit` tokens after the prompt, and hands on their text as it becomes whole.
    ///
    /// The pictures of the files `images` go where the prompt has the family's marker, before it where it has none.
    /// Stops at a token that ends generation, and where the model's context is full.
    ///
    /// - Parameter secondsSince1970: the moment that a chat template may show, in UTC.
    package func generate(
        prompt: GenerationPrompt,
        images: [String] = [],
        limit: Int,
        temperature: Double,
        seed: UInt64,
        secondsSince1970: Int? = nil,
        output: ([UInt8]) throws -> Void
    ) throws -> Summary {
        if !images.isEmpty, source.mapped.model.fusion == nil { throw ToolchainError(.takesNoPictures, path: path) }
        guard let tokenizer else { throw ToolchainError(.noTokenizer, path: path) }
        let (ids, layout) = try input(prompt, images: images, tokenizer, secondsSince1970: secondsSince1970)
        guard !ids.isEmpty else { throw ToolchainError(.emptyPrompt, path: path) }
        let context = decoder.configuration.contextLength ?? Int(Int32.max)
        guard ids.count <= context else {
            throw ToolchainError(.promptTooLong(tokenCount: ids.count, contextLength: context), path: path)
        }
        let capacity = min(context, ids.count.adding(limit) ?? context)
        let longestBlock = layout.blocks.map(\.count).max() ?? 1
        let state = try decoder.makeState(capacity: capacity, batchLimit: max(Self.batchLimit, longestBlock))
        state.layout = layout
        var sampler = TokenSampler(temperature: temperature, seed: seed)
        var stream = TokenStreamDecoder(tokenizer, skippingSpecialTokens: true)
        var next: UInt32?
        try decoder.evaluate(ids, state: state, wanting: .last) { next = sampler.next($1) }
        var generated = 0
        while let id = next, generated < limit, !tokenizer.endOfGenerationIDs.contains(id) {
            generated += 1
            try output(stream.append(id))
            next = nil
            guard generated < limit, state.position < capacity else { break }
            try decoder.evaluate([id], state: state, wanting: .last) { next = sampler.next($1) }
        }
        try output(stream.finish())
        return Summary(promptCount: ids.count, generatedCount: generated)
    }

    /// Tokens that are evaluated together, unless more see each other.
    private static let batchLimit = 64

    private func input(
        _ prompt: GenerationPrompt,
        images: [String],
        _ tokenizer: Tokenizer,
        secondsSince1970: Int?
    ) throws -> ([UInt32], SequenceLayout) {
        switch prompt {
        case .text(let text) where images.isEmpty: return (try tokenizer.encode(text), SequenceLayout())
        case .text(let text):
            return try pictured(text, images: images, isTemplated: false, tokenizer)
        case .chat(let user, let system):
            let assets = source.mapped.assets
            guard let chat = try ModelChat(assets: assets, tokenizer: tokenizer, secondsSince1970: secondsSince1970)
            else { throw ToolchainError(.noChatTemplate, path: path) }
            // The template writes the special tokens itself, as apply_chat_template takes it for granted.
            // Pictures come before the words unless these say where.
            let places = source.mapped.model.fusion?.prompt.placeCount(in: user) ?? 0
            let text = try chat.prompt(user: user, system: system, pictureCount: places > 0 ? 0 : images.count)
            guard !images.isEmpty else {
                return (try tokenizer.encode(text, addSpecialTokens: false), SequenceLayout())
            }
            return try pictured(text, images: images, isTemplated: true, tokenizer)
        }
    }

    private func pictured(
        _ text: ByteString,
        images: [String],
        isTemplated: Bool,
        _ tokenizer: Tokenizer
    ) throws -> ([UInt32], SequenceLayout) {
        let pictured = try PicturedPrompt(
            text,
            images: images,
            isTemplated: isTemplated,
            of: source,
            width: decoder.configuration.modelWidth,
            tokenizer: tokenizer,
            team: decoder.team
        )
        return (pictured.ids, pictured.layout)
    }

    /// Speed of prompt evaluation and of generation, on seeded ids.
    ///
    /// - Parameter clock: seconds.
    package func measure(promptCount: Int, generatedCount: Int, clock: () -> Double) throws -> JSONValue {
        let ids = SeededTokens.ids(
            count: promptCount,
            vocabularyCount: decoder.configuration.vocabularyCount,
            seed: 1
        )
        let warm = try decoder.makeState(capacity: promptCount)
        try decoder.evaluate(ids, state: warm, wanting: .last)
        let state = try decoder.makeState(capacity: promptCount + generatedCount)
        let start = clock()
        try decoder.evaluate(ids, state: state, wanting: .last)
        let middle = clock()
        state.rewind()
        let generationStart = clock()
        for index in 0..<generatedCount {
            try decoder.evaluate([ids[index % ids.count]], state: state, wanting: .last)
        }
        let end = clock()
        return [
            "prompt_tokens": .integer(promptCount),
            "prompt_tokens_per_second": .number(Double(promptCount) / (middle - start)),
            "generated_tokens": .integer(generatedCount),
            "generated_tokens_per_second": .number(Double(generatedCount) / (end - generationStart)),
        ]
    }
}
