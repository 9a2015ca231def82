internal import MMArchitectures
internal import MMBundles
internal import MMBytes
internal import MMCodecs
internal import MMParity
internal import MMStorage
internal import MMTensors

/// verify: four stages, each with its figures, and a fifth for models that answer questions about drawn pictures. A stage
/// that finds the bundle damaged ends the job, because nothing after it would mean anything.
package struct VerifyJob: Sendable {
    let bundle: ModelSource
    let source: ModelSource?
    let options: VerifyOptions

    package static func run(
        bundlePath: String,
        sourcePath: String?,
        projectorPath: String? = nil,
        options: VerifyOptions,
        progress: @escaping ProgressHandler
    ) throws -> VerifyReport {
        // One layer after the other is loaded and let go of: into the same memory.
        let access = BundleAccess(isMapping: options.isMapping, arena: PageArena())
        let bundle = try ModelSource.openBundle(path: bundlePath, access: access)
        let source = try sourcePath.map { try ModelSource(path: $0, projectorPath: projectorPath, access: access) }
        return try VerifyJob(bundle: bundle, source: source, options: options).run(progress: progress)
    }

    package func run(progress: @escaping ProgressHandler) throws -> VerifyReport {
        let recipe = bundle.bundle.flatMap(Provenance.recipe) ?? Provenance.losslessRecipe
        let limits = VerifyLimits.recipe(recipe).replacing(with: options)
        var stages = [try integrity(progress: progress)]
        var comparisons: [TensorComparison] = []
        if stages[0].verdict == .passed {
            stages.append(try CoverageStage(bundle: bundle, source: source).run())
            let tensors = TensorStage(bundle: bundle, source: source, limits: limits, recipe: recipe, options: options)
            let (stage, found) = try tensors.run(progress: progress)
            stages.append(stage)
            comparisons = found
            let behaviour = BehaviourStage(bundle: bundle, source: source, limits: limits, options: options)
            stages.append(try behaviour.run(progress: progress))
            let answers = AnswerStage(bundle: bundle, source: source, limits: limits, options: options)
            if let stage = try answers.run(progress: progress) { stages.append(stage) }
            // What changed meanwhile was proven of other bytes.
            for file in bundle.mapped.files + (source?.mapped.files ?? []) { try file.file.checkUnchanged() }
        }
        return VerifyReport(
            bundlePath: bundle.path,
            identity: bundle.bundle?.manifest.identity.hexadecimal ?? "",
            sourcePath: source?.path,
            recipe: recipe,
            limits: limits,
            stages: stages,
            comparisons: comparisons
        )
    }

    private func integrity(progress: @escaping ProgressHandler) throws -> VerifyStage {
        guard let bundle = bundle.bundle else { throw ToolchainError(.notABundle, path: self.bundle.path) }
        do {
            let report = try bundle.verifyIntegrity(width: options.width) { step in
                progress(
                    JobProgress(stage: "integrity", done: step.logicalByteCount, total: step.totalLogicalByteCount)
                )
            }
            return VerifyStage(
                .integrity,
                summary:
                    "\(report.chunkCount) chunks, \(report.tensorCount) tensors, \(report.assetCount) assets: every digest and padding byte holds",
                figures: [
                    "chunks": .integer(report.chunkCount), "tensors": .integer(report.tensorCount),
                    "assets": .integer(report.assetCount), "nbytes": .integer(report.byteCount),
                ]
            )
        } catch let error as BundleError {
            return VerifyStage(.integrity, summary: "damaged", failures: [error.description])
        }
    }
}
