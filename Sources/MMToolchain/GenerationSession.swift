internal import MMArchitectures
internal import MMBundles
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

    let path: String
    let source: ModelSource
    let decoder: ReferenceDecoder
    private let tokenizer: Tokenizer?

    /// Opens a bundle, or any checkpoint whose architecture is known.
    package init(path: String, width: Int, isMapping: Bool = true) throws {
        let source = try ModelSource(path: path, access: BundleAccess(isMapping: isMapping))
        guard let configuration = source.mapped.model.decoder else {
            let reason = source.mapped.model.reason ?? "the model cannot be run"
            throw ToolchainError(.cannotRun(reason), path: path)
        }
        self.path = path
        self.source = source
        tokenizer = try ModelTokenizer.tokenizer(of: try source.mapped.assets)
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
    /// Stops at a token that ends generation, and where the model's context is full.
    ///
    /// - Parameters: as of `prepare`.
    package func generate(
        prompt: GenerationPrompt,
        images: [String] = [],
        isPanning: Bool = false,
        limit: Int,
        temperature: Double,
        seed: UInt64,
        secondsSince1970: Int? = nil,
        output: ([UInt8]) throws -> Void
    ) throws -> Summary {
        let tokenizer = try knownTokenizer()
        let prepared = try prepare(prompt, images: images, isPanning: isPanning, secondsSince1970: secondsSince1970)
        let (ids, layout) = (prepared.ids, prepared.layout)
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

    /// Throws `ToolchainError.noTokenizer` for a model without one.
    func knownTokenizer() throws -> Tokenizer {
        guard let tokenizer else { throw ToolchainError(.noTokenizer, path: path) }
        return tokenizer
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
