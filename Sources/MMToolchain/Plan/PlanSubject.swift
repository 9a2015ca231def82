internal import MMArchitectures
internal import MMBytes
internal import MMQuantization
internal import MMStorage
internal import MMTensors

/// What a plan is made of: the tensors of a checkpoint by its header, or of a configuration alone.
struct PlanSubject: Sendable {
    let name: String
    let title: String?
    let model: ResolvedModel
    let tensors: [TensorDescriptor]
    let roles: [TensorRole]
    let components: [Component]
    let assumed: [String]
    let notes: [String]
    /// Empty where only the model's own size is known.
    let policies: [ModelPreset.PicturePolicy]
    private let source: any TensorSource

    private static let configurationByteLimit = 16 << 20

    init(preset name: String) throws {
        let preset = try ModelPreset.named(name)
        try self.init(
            outline: preset.configuration,
            name: preset.id,
            title: preset.title,
            assumed: preset.assumed,
            notes: ["published: \(preset.published)"],
            policies: preset.pictures
        )
    }

    /// - Parameter path: a checkpoint or bundle, or a config.json.
    init(path: String, projectorPath: String?) throws {
        guard path.hasSuffix(".json") else {
            let source = try ModelSource(path: path, projectorPath: projectorPath)
            let mapped = source.mapped
            let isKnown = mapped.roles.contains { $0 != .unknown }
            let inferred = isKnown ? nil : try mapped.inferredRoles(blockElementCount: 32)
            self.init(
                name: path,
                title: nil,
                model: mapped.model,
                tensors: mapped.tensors,
                roles: inferred?.roles ?? mapped.roles,
                components: mapped.components,
                assumed: try mapped.model.assumptions(),
                notes: [mapped.model.reason, inferred?.note].compactMap(\.self),
                policies: [],
                source: mapped
            )
            return
        }
        guard let bytes = try InputStream.bytes(path, limit: Self.configurationByteLimit) else {
            throw ToolchainError(.tooLarge(byteCount: Self.configurationByteLimit), path: path)
        }
        let json: JSONValue
        do { json = try JSONValue(parsing: bytes) } catch { throw error.inFile(path) }
        try self.init(outline: json, name: path, title: nil, assumed: [], notes: [], policies: [])
    }

    private init(
        outline json: JSONValue,
        name: String,
        title: String?,
        assumed: [String],
        notes: [String],
        policies: [ModelPreset.PicturePolicy]
    ) throws {
        let outline = try ModelOutline(json, type: Self.type(json))
        self.init(
            name: name,
            title: title,
            model: outline.model,
            tensors: outline.tensors,
            roles: outline.roles,
            components: outline.components,
            assumed: assumed.isEmpty ? try outline.model.assumptions() : assumed,
            notes: [outline.model.reason].compactMap(\.self) + notes,
            policies: policies,
            source: outline
        )
    }

    private init(
        name: String,
        title: String?,
        model: ResolvedModel,
        tensors: [TensorDescriptor],
        roles: [TensorRole],
        components: [Component],
        assumed: [String],
        notes: [String],
        policies: [ModelPreset.PicturePolicy],
        source: any TensorSource
    ) {
        self.name = name
        self.title = title
        self.model = model
        self.tensors = tensors
        self.roles = roles
        self.components = components
        self.assumed = assumed
        self.notes = notes
        self.policies = policies
        self.source = source
    }

    /// What config.json says that weights are stored as; bf16 where it says nothing.
    private static func type(_ json: JSONValue) -> ElementType {
        let places = [json, json["text_config"] ?? .null]
        let name = places.compactMap { $0["dtype"]?.string ?? $0["torch_dtype"]?.string }.first
        switch name?.string {
        case "float32": return .f32
        case "float16": return .f16
        default: return .bf16
        }
    }

    var parts: [PlanPart] { zip(components, roles).map { PlanPart($0, $1) } }

    /// The tensors as a recipe makes them. Throws `QuantizationError` for what the recipe cannot quantize.
    func tensors(by recipe: QuantizationRecipe) throws(QuantizationError) -> [TensorDescriptor] {
        let components = model.architectureID == nil ? components.map { _ in Component.text } : components
        return try QuantizedSource(source, roles: roles, components: components, recipe: recipe).tensors
    }
}
