internal import MMArchitectures
internal import MMBundles
internal import MMBytes
internal import MMParity
internal import MMQuantization
internal import MMTensors

/// Stage three of verify: every tensor of the bundle against its source.
///
/// An error measure sees what a tensor lost, but not one block's wrong scale among thousands. So the recipe is run
/// again, too: a bundle that this version of mmpack made must come out of its source byte for byte.
struct TensorStage {
    let bundle: ModelSource
    let source: ModelSource?
    let limits: VerifyLimits
    let recipe: String
    let options: VerifyOptions

    func run(progress: @escaping ProgressHandler) throws -> (VerifyStage, [TensorComparison]) {
        guard let source else {
            return (VerifyStage(.tensors, notRun: "no source to compare with; give --against"), [])
        }
        let pairing = TensorPairing(base: source.mapped, other: bundle.mapped)
        let comparable = pairing.pairs.filter {
            source.mapped.tensors[$0.base].shape == bundle.mapped.tensors[$0.other].shape
        }
        let comparisons = try compare(source.mapped, comparable, stage: "tensors", progress: progress)
            .sorted { TensorComparison.isWorse($0, than: $1) }
        var failures = limitFailures(comparisons)
        let unreproduced = try reproduce(source, comparable, progress: progress)
        failures += (unreproduced ?? []).map { "tensor \($0) is not what recipe \(recipe) makes of its source" }
        return (
            VerifyStage(
                .tensors,
                summary: summary(comparisons),
                failures: failures,
                figures: figures(comparisons, reproduced: unreproduced.map { comparable.count - $0.count })
            ), comparisons
        )
    }

    private func compare(
        _ base: any TensorSource,
        _ pairs: [TensorPair],
        stage: String,
        progress: @escaping ProgressHandler
    ) throws -> [TensorComparison] {
        let byteCounts = Dictionary(
            bundle.mapped.tensors.map { ($0.name, $0.byteCount) },
            uniquingKeysWith: { first, _ in first }
        )
        let total = pairs.reduce(0) { $0 + (byteCounts[$1.name] ?? 0) }
        var done = 0
        return try TensorComparator(base: base, other: bundle.mapped, threadCount: options.width).compare(pairs) {
            name in
            done += byteCounts[name] ?? 0
            progress(JobProgress(stage: stage, done: done, total: total))
        }
    }

    /// Names of the tensors that the recorded recipe does not make from the source; nil when it was not run: the
    /// bundle is lossless (the comparison says it all), was made by another version, or names a recipe that this one
    /// cannot apply to the source.
    private func reproduce(
        _ source: ModelSource,
        _ pairs: [TensorPair],
        progress: @escaping ProgressHandler
    ) throws -> [ByteString]? {
        let maker = bundle.bundle?.manifest.provenance["tool"]?["version"]?.string
        guard !limits.behaviour.requiresExact, maker == ByteString(ToolVersion.text),
            let recipe = try? QuantizationRecipe.named(recipe),
            let quantized = (try? source.quantized(by: recipe))?.source
        else { return nil }
        let (same, other) = pairs.partitioned {
            quantized.tensors[$0.base].type == bundle.mapped.tensors[$0.other].type
        }
        let differing = try compare(quantized, same, stage: "reproduce", progress: progress)
            .filter { !$0.hasEqualBytes }
        return other.map(\.name) + differing.map(\.name)
    }

    private func limitFailures(_ comparisons: [TensorComparison]) -> [String] {
        if limits.behaviour.requiresExact {
            return comparisons.filter { !$0.hasEqualBytes }.map {
                "tensor \($0.name): \($0.unequalCount) of \($0.elementCount) elements differ; a lossless bundle differs in none"
            }
        }
        guard let limit = limits.maximumRelativeError else { return [] }
        return comparisons.compactMap { comparison in
            guard let error = comparison.error else {
                return comparison.isExact ? nil : "tensor \(comparison.name) differs and cannot be measured"
            }
            guard !(error.relativeRMSE <= limit) else { return nil }
            return "tensor \(comparison.name): relative RMSE \(error.relativeRMSE); at most \(limit) is allowed"
        }
    }

    private func summary(_ comparisons: [TensorComparison]) -> String {
        let exact = comparisons.count(where: \.hasEqualBytes)
        guard exact < comparisons.count, let worst = comparisons.first, let error = worst.error else {
            return "\(exact) of \(comparisons.count) tensors equal byte for byte"
        }
        let figure = Decimal.text(error.relativeRMSE, significantDigits: 3)
        return "\(exact) of \(comparisons.count) tensors equal; worst relative RMSE \(figure) in \(worst.name)"
    }

    private func figures(_ comparisons: [TensorComparison], reproduced: Int?) -> JSONValue {
        let worst = comparisons.first?.error
        return [
            "compared": .integer(comparisons.count),
            "equal_bytes": .integer(comparisons.count(where: \.hasEqualBytes)),
            "reproduced": reproduced.map { .integer($0) } ?? .null,
            "worst_relative_rmse": worst.map { .number($0.relativeRMSE) } ?? .null,
            "max_error": comparisons.compactMap(\.error?.maximumError).max().map { .number($0) } ?? .null,
        ]
    }
}

extension Array {
    /// The elements that satisfy the predicate and those that do not, each in order.
    fileprivate func partitioned(_ predicate: (Element) -> Bool) -> (yes: [Element], no: [Element]) {
        (filter(predicate), filter { !predicate($0) })
    }
}
