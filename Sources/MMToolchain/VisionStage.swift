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

    private static let pictureCount = 2
    private static let seed: UInt64 = 20_240_314

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
        let pictures = try SeededPictures.inputs(count: Self.pictureCount, for: configuration, seed: Self.seed)
        var done = 0
        let comparisons = try VisionComparator(base: base, other: other).compare(pictures) { count in
            done += count
            progress(JobProgress(stage: "behaviour", done: done, total: pictures.count, unit: .pictures))
        }
        return stage(comparisons)
    }

    private func eye(
        of source: MappedSource,
        _ configuration: VisionConfiguration,
        _ team: ThreadTeam
    ) throws -> VisionComparator.Eye {
        let tower = try VisionTower(source: source, configuration: configuration, team: team)
        let connector = try source.model.connector.map {
            try Connector(source: source, configuration: $0, towerWidth: configuration.modelWidth, team: team)
        }
        return VisionComparator.Eye(tower: tower, connector: connector)
    }

    private func stage(_ comparisons: [FeatureComparison]) -> VerifyStage {
        let worst = comparisons.max { $0.relativeDifference < $1.relativeDifference }
        let departed = comparisons.first { !$0.isBitEqual }
        let hasNaN = comparisons.contains { $0.relativeDifference.isNaN }
        var failures: [String] = []
        if limits.behaviour.requiresExact, let departed {
            failures.append("\(departed.name) is the first activation that differs")
        }
        // Written so that NaN is a violation.
        if hasNaN { failures.append("an activation is not a number") }
        let summary =
            departed == nil
            ? "\(comparisons.count) activations of \(Self.pictureCount) seeded pictures equal bit for bit"
            : "activations of \(Self.pictureCount) seeded pictures differ by at most "
                + "\(Decimal.text((worst?.relativeDifference ?? 0) * 100, significantDigits: 4)) % (\(worst?.name ?? ""))"
        return VerifyStage(
            .behaviour,
            summary: summary,
            failures: failures,
            figures: [
                "pictures": .integer(Self.pictureCount), "activations": .array(comparisons.map(\.json)),
                "first_difference": departed.map { .text($0.name) } ?? .null,
            ]
        )
    }
}
