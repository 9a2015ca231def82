internal import MMBytes
internal import MMTensors

/// Maps a source that says it is of one architecture.
struct ArchitectureMapper {
    let description: ArchitectureDescription
    let source: any TensorSource
    private let names: NameIndex

    init(description: ArchitectureDescription, source: any TensorSource) {
        self.description = description
        self.source = source
        names =
            switch source.configuration {
            case .huggingFace, .none: NameIndex(source.tensors, huggingFaceNamesOf: description)
            case .gguf: NameIndex(source.tensors, spelling: .gguf)
            case .bundle: NameIndex(source.tensors, spelling: .bundle)
            }
    }

    func resolveKnobs() throws(ArchitectureError) -> Knobs {
        if case .bundle(let json) = source.configuration {
            guard let members = json["knobs"]?.members else {
                throw error(.malformedModel(expected: "an object"), subject: "knobs")
            }
            let known = Set(description.knobs.map { ByteString($0.name) })
            if let stranger = members.first(where: { !known.contains($0.name) }) {
                throw error(.unknownKnob, subject: stranger.name)
            }
        }
        return try KnobResolver(description: description, configuration: source.configuration, names: names).resolve()
    }

    /// Why the knobs are those of another architecture; nil when they are this one's.
    func knobRefusal() throws(ArchitectureError) -> String? {
        try description.violation(of: description.match.conditions, try resolveKnobs())
    }

    func map(_ knobs: Knobs) throws -> MappedSource {
        var coverage = CoverageBuilder(description: description, source: source, names: names, knobs: knobs)
        for group in description.groups {
            guard let layerCount = group.layerCount else {
                for rule in group.tensors { try coverage.claim(rule, layer: nil) }
                continue
            }
            let count = try coverage.count(layerCount, layer: nil, of: "layers")
            // Every layer has tensors of its own, so that more layers than tensors is wrong before any is looked for.
            guard count <= source.tensors.count else {
                throw error(.tooManyLayers(found: count, tensorCount: source.tensors.count), subject: "n_layers")
            }
            for index in 0..<count {
                let layer = try LayerKnobs(index, of: description, knobs: knobs)
                for rule in group.tensors { try coverage.claim(rule, layer: layer) }
            }
        }
        try coverage.finish()
        let reason = try description.violation(of: description.runs, knobs)
        return MappedSource(
            base: source,
            tensors: coverage.mapped,
            model: try model(knobs, reason: reason) { try coverage.elements(of: $0) },
            ledger: coverage.ledger,
            architecture: description
        )
    }

    private func model(
        _ knobs: Knobs,
        reason: String?,
        elements: (ByteString) throws -> [Float]
    ) throws -> ResolvedModel {
        func resolved(_ decoder: DecoderConfiguration?) -> ResolvedModel {
            ResolvedModel(
                architectureID: description.id,
                knobs: knobs,
                decoder: decoder,
                reason: reason.map { "the reference model does not compute this checkpoint: \($0)" },
                nearest: nil
            )
        }
        guard reason == nil else { return resolved(nil) }
        switch description.graph {
        case .decoder:
            return resolved(
                try DecoderResolver(description: description, knobs: knobs).configuration(elements: elements)
            )
        case .vit:
            var model = resolved(nil)
            let resolver = VisionResolver(description: description, knobs: knobs)
            let vision = try resolver.configuration()
            model.vision = vision
            model.connector = try resolver.connector(layerCount: vision.layerCount)
            return model
        }
    }

    @inline(never)
    private func error(_ reason: ArchitectureError.Reason, subject: ByteString) -> ArchitectureError {
        ArchitectureError(reason, architecture: description.id, subject: subject)
    }
}
