internal import MMArchitectures
internal import MMBytes
internal import MMParity
internal import MMReference
internal import MMStorage
internal import MMTensors

/// Stage four of verify: the reference model run on the source's weights and on the bundle's, over the same tokens.
struct BehaviourStage {
    let bundle: ModelSource
    let source: ModelSource?
    let limits: VerifyLimits
    let options: VerifyOptions

    /// Tokens that a model sees together.
    private static let windowLength = 512
    /// Of the ids for a model without a tokenizer.
    private static let seed: UInt64 = 20_240_314

    func run(progress: @escaping ProgressHandler) throws -> VerifyStage {
        guard let decoder = bundle.mapped.model.decoder else {
            if let vision = bundle.mapped.model.vision, !asksForLogits {
                return try VisionStage(bundle: bundle, source: source, limits: limits, options: options)
                    .run(vision, progress: progress)
            }
            return notRun(bundle.mapped.model.reason ?? "the bundle's model cannot be run")
        }
        let tokens = try tokens(decoder)
        let team = ThreadTeam(threadCount: options.width)
        // One layer's weights in memory at a time: a model far larger than memory can be proven.
        let other = try ReferenceDecoder(
            source: bundle.mapped,
            configuration: decoder,
            team: team,
            isStreaming: true
        )
        guard let source else {
            return try alone(other, tokens: tokens, progress: progress)
        }
        guard let sourceDecoder = source.mapped.model.decoder else {
            return notRun(source.mapped.model.reason ?? "the source's model cannot be run")
        }
        let base = try ReferenceDecoder(
            source: source.mapped,
            configuration: sourceDecoder,
            team: team,
            isStreaming: true
        )
        var done = 0
        let comparison = try BehaviourComparator(base: base, other: other, windowLength: window(decoder))
            .compare(tokens.ids) { count in
                done += count
                progress(JobProgress(stage: "behaviour", done: done, total: tokens.ids.count, unit: .tokens))
            }
        return VerifyStage(
            .behaviour,
            summary: summary(comparison, tokens: tokens),
            failures: limits.behaviour.violations(of: comparison),
            figures: .object((comparison.json.members ?? []) + [JSONMember(name: "text", value: .text(tokens.origin))])
        )
    }

    private var asksForLogits: Bool { options.maximumDivergence != nil || options.minimumAgreement != nil }

    /// A limit that the user asked for must be held, so a model that cannot be run fails it.
    private func notRun(_ reason: String) -> VerifyStage {
        guard asksForLogits else { return VerifyStage(.behaviour, notRun: reason) }
        return VerifyStage(.behaviour, summary: reason, failures: ["a limit was asked for that only a run can show"])
    }

    /// Without a source there is only the bundle's own perplexity.
    private func alone(
        _ decoder: ReferenceDecoder,
        tokens: EvaluationTokens,
        progress: @escaping ProgressHandler
    ) throws -> VerifyStage {
        guard !asksForLogits else {
            return notRun("no source to compare with; give --against")
        }
        let perplexity = try perplexity(of: tokens.ids, decoder, progress: progress)
        return VerifyStage(
            .behaviour,
            notRun: "no source to compare with; give --against. The bundle's perplexity is "
                + "\(Self.figure(perplexity)) on \(tokens.ids.count) tokens of \(tokens.origin)",
            figures: ["perplexity_bundle": .number(perplexity), "text": .text(tokens.origin)]
        )
    }

    private func perplexity(
        of ids: [UInt32],
        _ decoder: ReferenceDecoder,
        progress: @escaping ProgressHandler
    ) throws -> Double {
        let length = window(decoder.configuration)
        let state = try decoder.makeState(capacity: min(length, ids.count))
        var positions: [PositionComparison] = []
        for start in stride(from: 0, to: ids.count, by: length) {
            let part = Array(ids[start..<min(start + length, ids.count)])
            state.rewind()
            try decoder.evaluate(part, state: state) { position, logits in
                let next = position + 1 < part.count ? part[position + 1] : nil
                positions.append(PositionComparison(base: logits, other: logits, next: next))
                progress(JobProgress(stage: "behaviour", done: positions.count, total: ids.count, unit: .tokens))
            }
        }
        return try LogitsComparison(positions).basePerplexity
    }

    private func window(_ decoder: DecoderConfiguration) -> Int {
        min(Self.windowLength, decoder.contextLength ?? Self.windowLength)
    }

    private func tokens(_ decoder: DecoderConfiguration) throws -> EvaluationTokens {
        guard let tokenizer = try ModelTokenizer.tokenizer(of: bundle.mapped.assets) else {
            guard options.text == nil else { throw ToolchainError(.noTokenizer, path: bundle.path) }
            let ids = SeededTokens.ids(
                count: options.tokenLimit,
                vocabularyCount: decoder.vocabularyCount,
                seed: Self.seed
            )
            return EvaluationTokens(ids: ids, origin: "seeded ids")
        }
        let text = options.text ?? BuiltInText.probe
        let ids = try tokenizer.encode(text, addSpecialTokens: true, parseSpecial: false)
        guard ids.count > 1 else { throw ToolchainError(.emptyText, path: bundle.path) }
        return EvaluationTokens(
            ids: Array(ids.prefix(options.tokenLimit)),
            origin: options.text == nil ? "the built-in text" : "the given text"
        )
    }

    private static func figure(_ value: Double) -> String { Decimal.text(value, significantDigits: 4) }

    private func summary(_ comparison: LogitsComparison, tokens: EvaluationTokens) -> String {
        if comparison.isBitEqual {
            return "logits equal bit for bit at all \(comparison.positionCount) positions of \(tokens.origin); "
                + "perplexity \(Self.figure(comparison.basePerplexity))"
        }
        return "perplexity \(Self.figure(comparison.basePerplexity)) to "
            + "\(Self.figure(comparison.otherPerplexity)), mean KL \(Self.figure(comparison.meanDivergence)), "
            + "top-1 \(Self.figure(comparison.topAgreement * 100)) % on \(tokens.ids.count) tokens of \(tokens.origin)"
    }
}

/// What the models are run on.
private struct EvaluationTokens {
    let ids: [UInt32]
    /// Where the ids come from, for the report.
    let origin: String
}
