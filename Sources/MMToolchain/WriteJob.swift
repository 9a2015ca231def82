internal import MMArchitectures
internal import MMBundles
internal import MMBytes
internal import MMQuantization
internal import MMReference
internal import MMStorage
internal import MMTensors

/// convert and quantize: source → (quantizer) → bundle, proven before it appears if asked.
package struct WriteJob: Sendable {
    private let options: WriteOptions

    package init(_ options: WriteOptions) {
        self.options = options
    }

    /// Nothing is left behind unless the outcome is `.written`.
    package func run(progress: @escaping ProgressHandler) throws -> WriteOutcome {
        let opened = try ModelSource.open(path: options.sourcePath, projectorPath: options.projectorPath)
        let digests = CheckpointDigests(opened.source.files, archive: opened.archive)
        defer { digests.cancel() }
        let source = try ModelSource(
            opened.source,
            path: options.sourcePath,
            projectorPath: options.projectorPath,
            archive: opened.archive
        )
        try checkPictures(for: source)
        let quantized = try options.recipe.map { try source.quantized(by: $0) }
        let report = quantized.flatMap { made in options.recipe.map { QuantizationReport(made.source, recipe: $0) } }
        let provenance = Provenance(
            source: source,
            recipe: options.recipe?.name ?? Provenance.losslessRecipe,
            requantizedCount: report?.requantizedCount ?? 0,
            sourceDateEpoch: options.sourceDateEpoch
        )
        let pending = try BundleWriter(options: bundleOptions).write(
            try content(source, tensors: quantized?.source ?? source.mapped),
            to: options.outputPath,
            digests: digests.stored,
            provenance: { provenance.json(digests: try digests.finish()) },
            progress: { step in
                progress(
                    JobProgress(stage: stage, done: step.logicalByteCount, total: step.totalLogicalByteCount)
                )
            }
        )
        for file in source.mapped.files { try file.file.checkUnchanged() }
        let verification = try verify(pending, against: source, progress: progress)
        if let verification, !verification.isPassed { return .rejected(verification) }
        let summary = try pending.commit()
        return .written(
            WriteReport(
                summary: summary,
                source: source,
                quantization: report,
                quantizationNote: quantized?.note,
                verification: verification
            )
        )
    }

    private var bundleOptions: BundleOptions {
        var bundle = BundleOptions(
            profile: options.profile,
            shardByteCount: options.shardByteCount,
            width: options.width,
            replacing: options.isReplacing
        )
        bundle.isResuming = options.isResuming
        bundle.recipe = "\(ToolVersion.text) \(options.recipe.map { "\($0)" } ?? "")"
        return bundle
    }

    /// Before the work, not after.
    private func checkPictures(for source: ModelSource) throws {
        guard let images = options.verification?.images, !images.isEmpty else { return }
        guard source.mapped.model.vision != nil else { throw ToolchainError(.takesNoPictures, path: source.path) }
        for image in images { _ = try Picture(path: image) }
    }

    private var stage: String { options.recipe.map { "quantize \($0.name)" } ?? "convert" }

    private func content(_ source: ModelSource, tensors: any TensorSource) throws -> BundleContent {
        let mapped = source.mapped
        return BundleContent(
            source: tensors,
            roles: mapped.roles.map(\.rawValue),
            components: mapped.components.map(\.rawValue),
            sourceNames: source.sourceNames,
            model: mapped.model.json,
            ledger: source.ledger,
            assets: try mapped.assets
        )
    }

    private func verify(
        _ pending: PendingBundle,
        against source: ModelSource,
        progress: @escaping ProgressHandler
    ) throws -> VerifyReport? {
        guard let verification = options.verification else { return nil }
        let bundle = try ModelSource(bundle: try pending.open(), path: options.outputPath)
        return try VerifyJob(bundle: bundle, source: source, options: verification).run(progress: progress)
    }
}
