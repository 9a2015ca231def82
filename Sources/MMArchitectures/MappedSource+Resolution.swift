internal import MMBytes
package import MMTensors

extension MappedSource {
    /// Finds the architecture of a source among the embedded ones and maps it.
    ///
    /// Throws `ArchitectureError` for a checkpoint that says it is of a known architecture and has a tensor too many,
    /// too few or of another shape; one of an unknown architecture, or with a part of one, is passed through.
    package static func resolve(_ source: any TensorSource) throws -> MappedSource {
        try resolve(source, in: try ArchitectureCatalog.embedded())
    }

    package static func resolve(_ source: any TensorSource, in catalog: ArchitectureCatalog) throws -> MappedSource {
        // The reasons of those whose name the source bears.
        var reasons: [String] = []
        for description in catalog.architectures where description.typeRefusal(of: source.configuration) == nil {
            if description.graph == .visionLanguage, description.kindRefusal(of: source.configuration) == nil {
                let mapper = CompositeMapper(description: description, source: source, catalog: catalog)
                do {
                    guard let refusal = try mapper.knobRefusal() else { return try mapper.map() }
                    reasons.append("not \(description.id): \(refusal)")
                } catch let error as ArchitectureError {
                    // A model with a part of another family is of none that is known.
                    guard case .unknownComponent = error.reason, case .huggingFace = source.configuration else {
                        throw error
                    }
                    reasons.append("not \(error)")
                }
                continue
            }
            let mapper = ArchitectureMapper(description: description, source: source)
            guard let refusal = try description.kindRefusal(of: source.configuration) ?? mapper.knobRefusal() else {
                return try mapper.map(try mapper.resolveKnobs())
            }
            reasons.append("not \(description.id): \(refusal)")
        }
        try checkProjector(of: source.configuration, in: catalog)
        if reasons.isEmpty { reasons = [source.configuration.unknownType] }
        return try unmapped(source, reasons: reasons, in: catalog)
    }

    /// Throws for two GGUF files that are both known, and do not belong together.
    private static func checkProjector(
        of configuration: ModelConfiguration,
        in catalog: ArchitectureCatalog
    ) throws(ArchitectureError) {
        guard case .gguf(let json) = configuration, let type = json.ggufProjector?.ggufProjectorType,
            let found = json["general.architecture"]?.string,
            catalog.architectures.contains(where: { $0.match.ggufArchitectures.contains(found) })
        else { return }
        let known = catalog.architectures.filter { $0.match.ggufProjectors.contains(type) }
        guard let first = known.first, known.allSatisfy({ !$0.match.ggufArchitectures.contains(found) }) else { return }
        throw ArchitectureError(
            .otherTextModel(found: found, expected: first.match.ggufArchitectures),
            architecture: first.id,
            subject: type
        )
    }

    /// A source of an unknown architecture, as it is.
    private static func unmapped(
        _ source: any TensorSource,
        reasons: [String],
        in catalog: ArchitectureCatalog
    ) throws -> MappedSource {
        let tensors = source.tensors.enumerated().map { index, descriptor in
            MappedTensor(
                descriptor: descriptor,
                mapping: .whole(sourceIndex: index),
                role: .unknown,
                component: .other
            )
        }
        var ledger = CoverageLedger()
        ledger.claimed = source.tensors.map { .init(name: $0.name, sourceName: $0.name, operation: nil) }
        return MappedSource(
            base: source,
            tensors: tensors,
            model: try unknownModel(source, reasons: reasons, in: catalog),
            ledger: ledger,
            architecture: nil
        )
    }

    private static func unknownModel(
        _ source: any TensorSource,
        reasons: [String],
        in catalog: ArchitectureCatalog
    ) throws -> ResolvedModel {
        // A bundle of an unknown architecture says what its checkpoint was found to be when it was written.
        if case .bundle(let json) = source.configuration, let reason = json["reason"]?.string {
            return ResolvedModel(
                architectureID: nil,
                knobs: Knobs(),
                decoder: nil,
                reason: reason.description,
                nearest: json["nearest"].flatMap { NearestArchitecture($0) }
            )
        }
        let nearest = NearestArchitecture.search(source.tensors, type: source.configuration.modelType, in: catalog)
        return ResolvedModel(
            architectureID: nil,
            knobs: Knobs(),
            decoder: nil,
            reason: sentence(reasons, try ConstructTable.embedded().found(in: source), nearest),
            nearest: nearest
        )
    }

    /// Constructs that are named at most; what is left out follows from them in practice.
    private static let constructLimit = 6

    private static func sentence(
        _ reasons: [String],
        _ constructs: [String],
        _ nearest: NearestArchitecture?
    ) -> String {
        let why = reasons.isEmpty ? "" : " (\(reasons.joined(separator: "; ")))"
        let likeness = nearest.map { nearest in
            let share = "\(nearest.matchingCount) of \(nearest.tensorCount) tensors (\(nearest.percentage) %)"
            return "; the nearest known one is \(nearest.id): \(share) have its names and ranks"
        }
        let named = constructs.prefix(constructLimit).joined(separator: ", ")
        let others = constructs.count > constructLimit ? " and \(constructs.count - constructLimit) more" : ""
        let has = constructs.isEmpty ? "" : "; it has what the reference model does not compute: \(named)\(others)"
        return "the architecture is unknown, so the model cannot be run\(why)\(has)\(likeness ?? "")"
    }
}

extension ModelConfiguration {
    /// What it calls itself, which no description bears.
    fileprivate var unknownType: String {
        switch self {
        case .none: "the source does not say what model it is"
        case .huggingFace:
            modelType.map { "no description has the model_type \"\($0)\"" } ?? "config.json has no model_type"
        case .gguf: modelType.map { "no description has the architecture \"\($0)\"" } ?? "no general.architecture"
        case .bundle: modelType.map { "no description is called \"\($0)\"" } ?? "the bundle names no architecture"
        }
    }

    /// What the source calls its architecture.
    var modelType: ByteString? {
        switch self {
        case .huggingFace(let json): json["model_type"]?.string
        case .gguf(let json): json["general.architecture"]?.string
        case .bundle(let json): json["architecture"]?.string
        case .none: nil
        }
    }
}
