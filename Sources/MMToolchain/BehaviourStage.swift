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
        let model = bundle.mapped.model
        if !options.images.isEmpty, model.vision == nil { throw ToolchainError(.takesNoPictures, path: bundle.path) }
        guard let decoder = model.decoder else {
            if let vision = model.vision, !asksForLogits {
                return try VisionStage(bundle: bundle, source: source, limits: limits, options: options)
                    .run(vision, progress: progress)
            }
            return notRun(model.reason ?? "the bundle's model cannot be run")
        }
        let text = try tokens(decoder)
        let team = ThreadTeam(threadCount: options.width)
        let other = try RunnableModel(bundle.mapped, decoder: decoder, team: team)
        guard let source else { return try alone(other, text: text, progress: progress) }
        guard let sourceDecoder = source.mapped.model.decoder else {
            return notRun(source.mapped.model.reason ?? "the source's model cannot be run")
        }
        guard source.mapped.model.fusion == model.fusion else {
            let summary = "the two models put pictures and text together in different ways"
            return VerifyStage(.behaviour, summary: summary, failures: [summary])
        }
        let base = try RunnableModel(source.mapped, decoder: sourceDecoder, team: team)
        let log = ActivationLog()
        let supply = try supply()
        let pictures = try pictures(of: supply, base, other, log, progress: progress)
        if let unlike = pictures.first(where: { $0.base.count != $0.other.count }) {
            let failure =
                "connector.out has \(unlike.other.count) tokens of a picture; the source's has \(unlike.base.count)"
            return VerifyStage(.behaviour, summary: "pictures have different numbers of tokens", failures: [failure])
        }
        let tokens = text.with(pictures: pictures.map(\.base.count), of: supply, model.fusion)
        let sequence = ComparedSequence(
            tokens.ids,
            base: try layout(pictures.map(\.base), tokens),
            other: try layout(pictures.map(\.other), tokens),
            placeholder: tokens.placeholder
        )
        var done = 0
        let length = pictures.isEmpty ? window(decoder) : tokens.ids.count
        let comparison = try BehaviourComparator(base: base.decoder, other: other.decoder, windowLength: length)
            .compare(sequence, into: log) { count in
                done += count
                progress(JobProgress(stage: "behaviour", done: done, total: tokens.ids.count, unit: .tokens))
            }
        return stage(comparison, log, tokens: tokens, pictures: pictures.map(\.base.count))
    }

    /// The pictures as both models read them; none for models of text.
    private func pictures(
        of supply: PictureSupply?,
        _ base: RunnableModel,
        _ other: RunnableModel,
        _ log: ActivationLog,
        progress: @escaping ProgressHandler
    ) throws -> [(base: PictureTokens, other: PictureTokens)] {
        guard let supply, let first = base.reader, let second = other.reader else { return [] }
        let comparator = PictureComparator(base: first, other: second)
        return try forPictures(of: supply, progress: progress) { picture in
            let tokens = try comparator.compare(picture, into: log)
            return (tokens, tokens.base.count)
        }
    }

    /// Calls `body` with one picture after the other until there are as many tokens as are needed.
    private func forPictures<Result>(
        of supply: PictureSupply,
        progress: @escaping ProgressHandler,
        _ body: (PreparedPicture) throws -> (Result, tokenCount: Int)
    ) throws -> [Result] {
        var results: [Result] = []
        var tokenCount = 0
        for index in 0..<supply.count where !options.images.isEmpty || tokenCount < PictureSupply.tokensWanted {
            let (result, count) = try body(try supply.picture(index))
            results.append(result)
            tokenCount += count
            progress(JobProgress(stage: "behaviour", done: index + 1, total: supply.count, unit: .pictures))
        }
        return results
    }

    /// Nil for a model that does not put pictures among text.
    private func supply() throws -> PictureSupply? {
        guard let vision = bundle.mapped.model.vision, bundle.mapped.model.fusion != nil else { return nil }
        return try PictureSupply(bundle, vision: vision, images: options.images)
    }

    private func layout(_ pictures: [PictureTokens], _ tokens: EvaluationTokens) throws -> SequenceLayout {
        guard let fusion = bundle.mapped.model.fusion, !pictures.isEmpty else { return SequenceLayout() }
        return try SequenceLayout(
            of: tokens.ids,
            pictures: pictures,
            fusion: fusion,
            prefixCount: tokens.prefixCount
        )
    }

    private func stage(
        _ comparison: LogitsComparison,
        _ log: ActivationLog,
        tokens: EvaluationTokens,
        pictures: [Int]
    ) -> VerifyStage {
        var failures = limits.behaviour.violations(of: comparison)
        if limits.behaviour.requiresExact, let departed = log.firstDifference {
            failures.append(
                "\(departed.name) is the first activation that differs, by \(Self.percent(departed.relativeDifference)) %"
            )
        }
        let activationLimits = limits.activations(exactParts: ExactParts.between(source, bundle))
        if !limits.behaviour.requiresExact, let violation = activationLimits.violation(of: log.comparisons) {
            failures.append(violation)
        }
        if log.hasNaN { failures.append("an activation is not a number") }
        let own: JSONValue = [
            "text": .text(tokens.origin), "pictures": .integer(pictures.count),
            "picture_tokens": .integer(pictures.reduce(0, +)),
            "activations": activationLimits.json(log.comparisons),
            "first_difference": log.firstDifference.map { .text($0.name) } ?? .null,
        ]
        return VerifyStage(
            .behaviour,
            summary: summary(comparison, log, tokens: tokens),
            failures: failures,
            figures: .object((comparison.json.members ?? []) + (own.members ?? []))
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
        _ model: RunnableModel,
        text: EvaluationTokens,
        progress: @escaping ProgressHandler
    ) throws -> VerifyStage {
        guard !asksForLogits else {
            return notRun("no source to compare with; give --against")
        }
        let supply = try supply()
        var pictures: [PictureTokens] = []
        if let supply, let reader = model.reader {
            pictures = try forPictures(of: supply, progress: progress) { picture in
                let tokens = try reader.read(picture)
                return (tokens, tokens.count)
            }
        }
        let tokens = text.with(pictures: pictures.map(\.count), of: supply, bundle.mapped.model.fusion)
        let layout = try layout(pictures, tokens)
        let perplexity = try perplexity(of: tokens, layout, model.decoder, progress: progress)
        return VerifyStage(
            .behaviour,
            notRun: "no source to compare with; give --against. The bundle's perplexity is "
                + "\(Self.figure(perplexity)) on \(tokens.ids.count) tokens of \(tokens.origin)",
            figures: ["perplexity_bundle": .number(perplexity), "text": .text(tokens.origin)]
        )
    }

    private func perplexity(
        of tokens: EvaluationTokens,
        _ layout: SequenceLayout,
        _ decoder: ReferenceDecoder,
        progress: @escaping ProgressHandler
    ) throws -> Double {
        let ids = tokens.ids
        let length = tokens.placeholder == nil ? window(decoder.configuration) : ids.count
        let longestBlock = layout.blocks.map(\.count).max() ?? 1
        let state = try decoder.makeState(capacity: min(length, ids.count), batchLimit: max(64, longestBlock))
        state.layout = layout
        var positions: [PositionComparison] = []
        var done = 0
        for start in stride(from: 0, to: ids.count, by: length) {
            let part = Array(ids[start..<min(start + length, ids.count)])
            state.rewind()
            try decoder.evaluate(part, state: state) { position, logits in
                done += 1
                progress(JobProgress(stage: "behaviour", done: done, total: ids.count, unit: .tokens))
                guard part[position] != tokens.placeholder else { return }
                let next = position + 1 < part.count ? part[position + 1] : nil
                let scored = next == tokens.placeholder ? nil : next
                positions.append(PositionComparison(base: logits, other: logits, next: scored))
            }
        }
        return try LogitsComparison(positions).basePerplexity
    }

    private func window(_ decoder: DecoderConfiguration) -> Int {
        min(Self.windowLength, decoder.contextLength ?? Self.windowLength)
    }

    private func tokens(_ decoder: DecoderConfiguration) throws -> EvaluationTokens {
        guard let tokenizer = try ModelTokenizer.tokenizer(of: try bundle.mapped.assets) else {
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

    private static func percent(_ share: Double) -> String { figure(share * 100) }

    private func summary(_ comparison: LogitsComparison, _ log: ActivationLog, tokens: EvaluationTokens) -> String {
        if comparison.isBitEqual {
            return "logits equal bit for bit at all \(comparison.positionCount) positions of \(tokens.origin); "
                + "perplexity \(Self.figure(comparison.basePerplexity))"
        }
        return "perplexity \(Self.figure(comparison.basePerplexity)) to "
            + "\(Self.figure(comparison.otherPerplexity)), mean KL \(Self.figure(comparison.meanDivergence)), "
            + "top-1 \(Self.figure(comparison.topAgreement * 100)) % on \(tokens.ids.count) tokens of \(tokens.origin)"
            + groups(log)
    }

    /// How far each part of a model that takes pictures departs.
    private func groups(_ log: ActivationLog) -> String {
        let groups = ["vision", "connector", "text"].compactMap { group -> String? in
            let parts = log.comparisons.filter { $0.name.hasPrefix("\(group).") }
            guard let worst = parts.max(by: { $0.relativeDifference < $1.relativeDifference }) else { return nil }
            return "\(worst.name) \(Self.percent(worst.relativeDifference)) %"
        }
        return groups.count < 2 ? "" : "; activations differ by at most " + groups.joined(separator: ", ")
    }
}
