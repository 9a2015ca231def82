package import MMBytes
package import MMTensors

/// A model as its configuration alone describes it: the tensors that a checkpoint of it would have, without weights.
package struct ModelOutline: TensorSource {
    package let tensors: [TensorDescriptor]
    /// Of each tensor.
    package let roles: [TensorRole]
    package let components: [Component]
    package let model: ResolvedModel

    /// - Parameters:
    ///   - json: as config.json.
    ///   - type: what every tensor is stored as.
    /// - Throws: `ArchitectureError` for a configuration of an unknown architecture, and for one that contradicts itself.
    package init(_ json: JSONValue, type: ElementType) throws {
        let catalog = try ArchitectureCatalog.embedded()
        let header = ConfigurationOnly(configuration: .huggingFace(json))
        var refusals: [String] = []
        for description in catalog.architectures where description.typeRefusal(of: header.configuration) == nil {
            if let refusal = description.kindRefusal(of: header.configuration) {
                refusals.append(refusal)
                continue
            }
            if description.graph == .visionLanguage {
                let mapper = CompositeMapper(description: description, source: header, catalog: catalog)
                self.init(try mapper.outline(type: type))
                return
            }
            let mapper = ArchitectureMapper(description: description, source: header)
            let knobs = try mapper.resolveKnobs()
            if let refusal = try mapper.knobRefusal() {
                refusals.append(refusal)
                continue
            }
            self.init((try mapper.outline(knobs, type: type), try mapper.model(knobs) { _ in [] }))
            return
        }
        throw ArchitectureError(
            .contradiction(refusals.first ?? "no description has it"),
            architecture: "config.json",
            subject: json["model_type"]?.string ?? "no model_type"
        )
    }

    private init(_ parts: (tensors: [OutlineTensor], model: ResolvedModel)) {
        tensors = parts.tensors.map(\.descriptor)
        roles = parts.tensors.map(\.role)
        components = parts.tensors.map(\.component)
        model = parts.model
    }

    package var format: String { "config.json" }
    package var configuration: ModelConfiguration { .bundle(model.json) }
    package var metadata: JSONValue { [:] }
    package var assets: [Asset] { [] }
    package var files: [SourceFile] { [] }

    /// Throws: there is nothing to read.
    package func read(_ index: Int, at offset: Int, into destination: inout MutableRawSpan) throws {
        throw ArchitectureError(
            .contradiction("an outline has no weights"),
            architecture: model.architectureID ?? "",
            subject: tensors[index].name
        )
    }
}

/// A tensor that a model is to have.
struct OutlineTensor: Sendable {
    let descriptor: TensorDescriptor
    let role: TensorRole
    let component: Component
}

/// What says which model it is, and no tensors.
private struct ConfigurationOnly: TensorSource {
    let configuration: ModelConfiguration
    var format: String { "config.json" }
    var tensors: [TensorDescriptor] { [] }
    var metadata: JSONValue { [:] }
    var assets: [Asset] { [] }
    var files: [SourceFile] { [] }

    func read(_ index: Int, at offset: Int, into destination: inout MutableRawSpan) throws {}
}
