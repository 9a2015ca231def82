internal import MMArchitectures
internal import MMBundles
internal import MMBytes
internal import MMCodecs
internal import MMParity
internal import MMStorage
internal import MMTensors

/// verify: four stages, each with its figures. A stage that finds the bundle damaged ends the job, because nothing
/// after it would mean anything.
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
        let bundle = try ModelSource.openBundle(path: bundlePath)
        let source = try sourcePath.map { try ModelSource(path: $0, projectorPath: projectorPath) }
        return try VerifyJob(bundle: bundle, source: source, options: options).run(progress: progress)
    }

    package func run(progress: @escaping ProgressHandler) throws -> VerifyReport {
        let recipe = bundle.bundle.flatMap(Provenance.recipe) ?? Provenance.losslessRecipe
        let limits = VerifyLimits.recipe(recipe).replacing(with: options)
        var stages = [try integrity(progress: progress)]
        var comparisons: [TensorComparison] = []
        if stages[0].verdict == .passed {
            stages.append(coverage())
            let tensors = TensorStage(bundle: bundle, source: source, limits: limits, recipe: recipe, options: options)
            let (stage, found) = try tensors.run(progress: progress)
            stages.append(stage)
            comparisons = found
            let behaviour = BehaviourStage(bundle: bundle, source: source, limits: limits, options: options)
            stages.append(try behaviour.run(progress: progress))
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

    /// The ledger: what the bundle says that it holds against what it holds, and against the source where given.
    private func coverage() -> VerifyStage {
        let tensors = bundle.mapped.tensors
        var failures = unclaimed(tensors)
        var figures: [JSONMember] = [
            JSONMember(name: "tensors", value: .integer(tensors.count)),
            JSONMember(name: "architecture", value: bundle.mapped.model.architectureID.map { .text($0) } ?? .null),
            JSONMember(name: "ledger", value: bundle.ledger),
        ]
        if let source {
            let pairing = TensorPairing(base: source.mapped, other: bundle.mapped)
            failures += pairing.missingInOther.map { "tensor \($0) of the source is not in the bundle" }
            failures += pairing.missingInBase.map { "tensor \($0) is not in the source" }
            for pair in pairing.pairs {
                let (base, other) = (source.mapped.tensors[pair.base], tensors[pair.other])
                if base.shape != other.shape {
                    failures.append("tensor \(pair.name) has shape \(other.shape); the source has \(base.shape)")
                }
            }
            let held = Set(bundle.mapped.assets)
            let assets = source.mapped.assets
            failures += assets.filter { !held.contains($0) }.map {
                "asset \(ByteString($0.name)) differs or is missing"
            }
            figures.append(JSONMember(name: "assets", value: .integer(assets.count)))
        }
        let against = source == nil ? "" : ", all of the source and no others"
        return VerifyStage(
            .coverage,
            summary: failures.isEmpty ? "\(tensors.count) tensors\(against)" : "\(failures.count) differences",
            failures: failures,
            figures: .object(figures)
        )
    }

    /// Where the tensors and those that the ledger says were taken over are not the same. A ledger of another writer
    /// may list none.
    private func unclaimed(_ tensors: [TensorDescriptor]) -> [String] {
        guard let claims = bundle.ledger["claimed"]?.elements else { return [] }
        let claimed = claims.compactMap { $0["name"]?.string }
        let (held, listed) = (Set(tensors.map(\.name)), Set(claimed))
        return tensors.map(\.name).filter { !listed.contains($0) }.map { "tensor \($0) is not in the ledger" }
            + claimed.filter { !held.contains($0) }.map { "tensor \($0) of the ledger is not in the bundle" }
    }
}
