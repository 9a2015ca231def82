internal import MMBytes
internal import MMTensors

/// Maps a source that holds a decoder, a vision tower and what connects them.
///
/// Each part is mapped by its own description; together they must account for every tensor.
struct CompositeMapper {
    let description: ArchitectureDescription
    let source: any TensorSource
    let catalog: ArchitectureCatalog

    /// A part with its description, under the prefixes that it has here.
    private struct Part {
        let use: ComponentUse
        let mapper: ArchitectureMapper
        let knobs: Knobs
    }

    /// The model with its parts, and what its own description says.
    private struct Whole {
        let parts: [Part]
        let own: ArchitectureMapper
        let knobs: Knobs

        /// Execution order: the tower, the connector, the decoder.
        var vision: [Part] { parts.filter { $0.use.component == .vision } }
        var text: [Part] { parts.filter { $0.use.component == .text } }
    }

    private func whole() throws -> Whole {
        let parts = try description.components.map { try part($0) }
        let own = ArchitectureMapper(description: description, source: connectorSource)
        let scopes = Dictionary(parts.map { ($0.use.component.rawValue, $0.knobs) }) { first, _ in first }
        return Whole(parts: parts, own: own, knobs: try own.resolveKnobs(scopes: scopes))
    }

    /// The tensors that the model has by its configuration alone, in execution order.
    ///
    /// Throws `ArchitectureError` for a configuration that contradicts itself.
    func outline(type: ElementType) throws -> (tensors: [OutlineTensor], model: ResolvedModel) {
        let whole = try whole()
        let tensors =
            try whole.vision.flatMap { try $0.mapper.outline($0.knobs, type: type) }
            + whole.own.outline(whole.knobs, type: type)
            + whole.text.flatMap { try $0.mapper.outline($0.knobs, type: type) }
        return (tensors, try model(parts: whole.parts, own: whole.own, knobs: whole.knobs) { _ in [] })
    }

    func map() throws -> MappedSource {
        let whole = try whole()
        let (parts, own, knobs) = (whole.parts, whole.own, whole.knobs)
        var coverage = try own.emptyCoverage(knobs)
        for part in whole.vision { try part.mapper.claim(part.knobs, in: &coverage) }
        try own.claim(knobs, in: &coverage)
        for part in whole.text { try part.mapper.claim(part.knobs, in: &coverage) }
        try coverage.finish(ignoring: (parts.map(\.mapper) + [own]).map { ($0.description, $0.names) })
        let model = try model(parts: parts, own: own, knobs: knobs) { try coverage.elements(of: $0) }
        return MappedSource(
            base: source,
            tensors: coverage.mapped,
            model: model,
            ledger: coverage.ledger,
            architecture: description
        )
    }

    /// Why the knobs are those of another model; nil when they are this one's.
    func knobRefusal() throws -> String? {
        let conditions = description.match.conditions
        guard !conditions.isEmpty else { return nil }
        let parts = try description.components.map { try part($0) }
        let scopes = Dictionary(parts.map { ($0.use.component.rawValue, $0.knobs) }) { first, _ in first }
        let own = ArchitectureMapper(description: description, source: connectorSource)
        return try description.violation(of: conditions, try own.resolveKnobs(scopes: scopes))
    }

    private func part(_ use: ComponentUse) throws -> Part {
        let configuration = try configuration(of: use)
        let candidates = use.architectures.compactMap { catalog[ByteString($0)] }
        let found =
            try candidates.first { try isPart($0, use.component, of: configuration) }
            ?? (configuration.modelType == nil ? unnamedPart(candidates) : nil)
        guard let found else {
            let type = configuration.modelType?.description ?? "nothing"
            throw error(.unknownComponent(type: type, known: use.architectures), use.component)
        }
        let mapper = ArchitectureMapper(
            description: found.with(prefixes: use.prefixes),
            source: ComponentSource(base: source, configuration: configuration)
        )
        return Part(use: use, mapper: mapper, knobs: try mapper.resolveKnobs())
    }

    /// The description of a part that does not say its type: the one that knows the type of the whole, else the usual one.
    private func unnamedPart(_ candidates: [ArchitectureDescription]) -> ArchitectureDescription? {
        candidates.first { $0.typeRefusal(of: source.configuration) == nil } ?? candidates.first
    }

    /// Whether a part has this description by what its configuration says. All towers of GGUF files bear one name: the
    /// projector tells which one it is, and among several what the knobs say.
    private func isPart(
        _ candidate: ArchitectureDescription,
        _ component: Component,
        of configuration: ModelConfiguration
    ) throws(ArchitectureError) -> Bool {
        guard case .gguf = configuration else { return candidate.typeRefusal(of: configuration) == nil }
        let isNamedByProjector = component == .vision && candidate.match.ggufArchitectures.isEmpty
        guard isNamedByProjector || candidate.typeRefusal(of: configuration) == nil else { return false }
        let view = ComponentSource(base: source, configuration: configuration)
        return try ArchitectureMapper(description: candidate, source: view).knobRefusal() == nil
    }

    /// The source as the connector sees it: what the text file says, and what the projector's says of pictures.
    private var connectorSource: any TensorSource {
        guard case .gguf(let json) = source.configuration, let projector = json.ggufProjector else { return source }
        let text = (json.ggufText.members ?? []).filter { !$0.name.hasPrefix("clip.") }
        let pictures = (projector.members ?? []).filter { $0.name.hasPrefix("clip.") }
        return ComponentSource(base: source, configuration: .gguf(.object(text + pictures)))
    }

    private func configuration(of use: ComponentUse) throws(ArchitectureError) -> ModelConfiguration {
        switch source.configuration {
        case .huggingFace(let json):
            for path in use.paths {
                let found = path.isEmpty ? json : json.value(at: path)
                guard let found, found.members != nil else { continue }
                return .huggingFace(use.component == .text ? decoder(found, of: json) : found)
            }
            throw error(
                .malformedModel(expected: "an object of config.json (\(use.paths.joined(separator: ", ")))"),
                use.component
            )
        case .bundle(let json):
            guard let found = json["components"]?[ByteString(use.component.rawValue)] else {
                throw error(.malformedModel(expected: "an object"), use.component)
            }
            return .bundle(found)
        case .gguf(let json):
            guard let projector = json.ggufProjector else {
                throw error(.malformedModel(expected: "in a file of its own"), use.component)
            }
            return .gguf(use.component == .vision ? projector : json.ggufText)
        case .none: throw error(.malformedModel(expected: "a configuration that has parts"), use.component)
        }
    }

    /// The decoder's configuration with what the model decides for it.
    ///
    /// The flags of model and decoder disagree in practice; what is tied is decided by the head being there or not, and
    /// the flag only says whether it may be missing. That PaliGemma's decoder sees both ways is what the mask says.
    private func decoder(_ text: JSONValue, of root: JSONValue) -> JSONValue {
        let flag: ByteString = "tie_word_embeddings"
        let isTied = text[flag] == true || (root[flag] ?? .bool(description.isTiedByDefault)) == true
        var members = (text.members ?? []).filter { $0.name != flag }
        members.append(JSONMember(name: flag, value: .bool(isTied)))
        if description.fusion?.mask == .prefix { members.removeAll { $0.name == "use_bidirectional_attention" } }
        return .object(members)
    }

    private func model(
        parts: [Part],
        own: ArchitectureMapper,
        knobs: Knobs,
        elements: (ByteString) throws -> [Float]
    ) throws -> ResolvedModel {
        var models: [Component: ResolvedModel] = [:]
        var reason = try description.violation(of: description.runs, knobs)
        for part in parts {
            let model = try part.mapper.model(part.knobs, elements: elements)
            models[part.use.component] = model
            reason = reason ?? model.reason
        }
        let (decoder, tower) = (models[.text]?.decoder, models[.vision]?.vision)
        var model = ResolvedModel(
            architectureID: description.id,
            knobs: knobs,
            decoder: reason == nil ? decoder : nil,
            reason: reason,
            nearest: nil
        )
        model.components = parts.map {
            ResolvedComponent(component: $0.use.component, architectureID: $0.mapper.description.id, knobs: $0.knobs)
        }
        guard reason == nil, let tower, let fusion = description.fusion else { return model }
        model.vision = tower
        model.connector =
            try description.connector.map { connector in
                try ConnectorResolver(
                    description: connector,
                    layerCount: tower.layerCount,
                    architecture: description.id
                ) { knobs[$0] }.configuration()
            } ?? models[.vision]?.connector
        model.fusion = try fusion.configuration(KnobReader(architecture: description.id, knobs: knobs))
        return model
    }

    @inline(never)
    private func error(_ reason: ArchitectureError.Reason, _ component: Component) -> ArchitectureError {
        ArchitectureError(reason, architecture: description.id, subject: ByteString(component.rawValue))
    }
}
