internal import MMArchitectures
internal import MMBytes
internal import MMParity
internal import MMReference
internal import MMStorage

/// Stage four of verify for a vision tower: run on the source's weights and on the bundle's, over the same pictures.
struct VisionStage {
    let bundle: ModelSource
    let source: ModelSource?
    let limits: VerifyLimits
    let options: VerifyOptions

    func run(_ configuration: VisionConfiguration, progress: @escaping ProgressHandler) throws -> VerifyStage {
        let team = ThreadTeam(threadCount: options.width)
        let other = try eye(of: bundle.mapped, configuration, team)
        guard let source else {
            return VerifyStage(.behaviour, notRun: "no source to compare with; give --against")
        }
        guard let sourceConfiguration = source.mapped.model.vision else {
            let reason = source.mapped.model.reason ?? "the source's model cannot be run"
            return VerifyStage(.behaviour, notRun: reason)
        }
        let base = try eye(of: source.mapped, sourceConfiguration, team)
        let supply = try PictureSupply(bundle, vision: configuration, images: options.images)
        let comparator = VisionComparator(base: base, other: other)
        let log = ActivationLog()
        for index in 0..<supply.count {
            for tile in try supply.picture(index).tiles { try comparator.compare(tile, into: log) }
            progress(JobProgress(stage: "behaviour", done: index + 1, total: supply.count, unit: .pictures))
        }
        return stage(log.comparisons, of: supply.words(supply.count), count: supply.count)
    }

    private func eye(
        of source: MappedSource,
        _ configuration: VisionConfiguration,
        _ team: ThreadTeam
    ) throws -> VisionComparator.Eye {
        let tower = try VisionTower(source: source, configuration: configuration, team: team, isStreaming: true)
        let connector = try source.model.connector.map {
            try Connector(source: source, configuration: $0, towerWidth: configuration.modelWidth, team: team)
        }
        return VisionComparator.Eye(tower: tower, connector: connector)
    }

    private func stage(_ comparisons: [FeatureComparison], of pictures: String, count: Int) -> VerifyStage {
        let worst = comparisons.max { $0.relativeDifference < $1.relativeDifference }
        let departed = comparisons.first { !$0.isBitEqual }
        let hasNaN = comparisons.contains { $0.relativeDifference.isNaN }
        var failures: [String] = []
        if limits.behaviour.requiresExact, let departed {
            let percent = Decimal.text(departed.relativeDifference * 100, significantDigits: 4)
            failures.append("\(departed.name) is the first activation that differs, by \(percent) %")
        }
        let activationLimits = limits.activations(exactParts: ExactParts.between(source, bundle))
        if !limits.behaviour.requiresExact, let violation = activationLimits.violation(of: comparisons) {
            failures.append(violation)
        }
        if hasNaN { failures.append("an activation is not a number") }
        let summary =
            departed == nil
            ? "\(comparisons.count) activations of \(pictures) equal bit for bit"
            : "activations of \(pictures) differ by at most "
                + "\(Decimal.text((worst?.relativeDifference ?? 0) * 100, significantDigits: 4)) % (\(worst?.name ?? ""))"
        return VerifyStage(
            .behaviour,
            summary: summary,
            failures: failures,
            figures: [
                "pictures": .integer(count), "activations": activationLimits.json(comparisons),
                "first_difference": departed.map { .text($0.name) } ?? .null,
            ]
        )
    }
}
