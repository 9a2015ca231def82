internal import MMArchitectures
internal import MMBytes
internal import MMParity
internal import MMReference
internal import MMStorage

/// Stage five of verify, for models that were trained on the pictures that `Scene` draws: both are asked about pictures
/// that neither has seen.
///
/// What a recipe costs in answers is told, and not held to a limit, because answers do not tell a good recipe from a bad
/// one; the probabilities that the models give to right answers do.
struct AnswerStage {
    let bundle: ModelSource
    let source: ModelSource?
    let limits: VerifyLimits
    let options: VerifyOptions

    /// Nil for a model that is of no such pictures.
    func run(progress: @escaping ProgressHandler) throws -> VerifyStage? {
        let team = ThreadTeam(threadCount: options.width)
        guard let other = try Examinee(bundle, team: team), let exam = try SceneExam(bundle) else { return nil }
        guard let source else {
            var sheet = AnswerSheet()
            try forProbes(exam, progress) { paper in
                let logits = try other.logits(of: paper)
                sheet.add(paper.kind, base: logits, other: logits, answer: paper.answerIDs)
            }
            return VerifyStage(
                .answers,
                notRun: "no source to compare with; give --against. Of \(sheet.askedCount) questions the bundle "
                    + "answers \(Self.percent(sheet.meanShare(\.other))) % right",
                figures: ["probes": .integer(sheet.askedCount), "kinds": sheet.json(withBase: false)]
            )
        }
        guard let base = try Examinee(source, team: team) else {
            return VerifyStage(.answers, notRun: source.mapped.model.reason ?? "the source's model cannot be run")
        }
        guard base.vocabularyCount == other.vocabularyCount else {
            let summary = "the two models have vocabularies of different sizes"
            return VerifyStage(.answers, summary: summary, failures: [summary])
        }
        var sheet = AnswerSheet()
        try forProbes(exam, progress) { paper in
            sheet.add(
                paper.kind,
                base: try base.logits(of: paper),
                other: try other.logits(of: paper),
                answer: paper.answerIDs
            )
        }
        return try stage(sheet)
    }

    private func forProbes(
        _ exam: SceneExam,
        _ progress: @escaping ProgressHandler,
        _ body: (SceneExam.Paper) throws -> Void
    ) throws {
        for number in 0..<options.probeCount {
            try body(try exam.paper(SceneProbe(number)))
            progress(JobProgress(stage: "answers", done: number + 1, total: options.probeCount, unit: .pictures))
        }
    }

    private func stage(_ sheet: AnswerSheet) throws -> VerifyStage {
        let comparison = try LogitsComparison(sheet.positions)
        let failures = limits.answers.violations(of: comparison)
        let figures: [JSONMember] = [
            JSONMember(name: "probes", value: .integer(sheet.askedCount)),
            JSONMember(name: "kinds", value: sheet.json(withBase: true)),
        ]
        let shares =
            "\(Self.percent(sheet.meanShare(\.base))) % of \(sheet.askedCount) questions answered right by the source, "
            + "\(Self.percent(sheet.meanShare(\.other))) % by the bundle"
        let logits =
            comparison.isBitEqual
            ? "logits equal bit for bit"
            : "perplexity of the answers \(Decimal.text(comparison.basePerplexity, significantDigits: 5)) to "
                + "\(Decimal.text(comparison.otherPerplexity, significantDigits: 5)), mean KL "
                + Decimal.text(comparison.meanDivergence, significantDigits: 3)
        return VerifyStage(
            .answers,
            summary: "\(shares); \(logits)",
            failures: failures,
            figures: .object((comparison.json.members ?? []) + figures)
        )
    }

    private static func percent(_ share: Double) -> String { Decimal.text(share * 100, significantDigits: 4) }
}
