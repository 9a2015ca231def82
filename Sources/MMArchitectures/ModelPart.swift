internal import MMBytes

/// A description that takes part in a model, with its knobs as transformers would have them.
struct ModelPart {
    /// Nil for the model's own description.
    let component: Component?
    /// With the prefixes of its place in the model.
    let description: ArchitectureDescription
    let knobs: Knobs
    /// What is to be added to the weights of norms, so that transformers' norms do the same.
    let normShift: Double

    init(component: Component?, description: ArchitectureDescription, knobs: Knobs) throws {
        self.component = component
        self.description = description
        guard case .number(let found)? = knobs[Self.offset],
            case .read(let reading)? = description.knobs.first(where: { $0.name == Self.offset })?.rule,
            case .number(let usual) = try reading.fallback.evaluate({ knobs[$0] })
        else {
            (self.knobs, normShift) = (knobs, 0)
            return
        }
        self.knobs = knobs.replacing(Self.offset, with: .number(usual))
        normShift = found - usual
    }

    /// The knob that says what a norm adds to its weights: GGUF keeps Gemma's with one added.
    private static let offset = "norm_offset"
}

extension MappedSource {
    /// The model's own description and those of its parts; none for an unknown architecture.
    func parts() throws -> [ModelPart] {
        guard let architecture else { return [] }
        let catalog = try ArchitectureCatalog.embedded()
        var parts = [try ModelPart(component: nil, description: architecture, knobs: model.knobs)]
        for component in model.components {
            guard let description = catalog[ByteString(component.architectureID)],
                let use = architecture.components.first(where: { $0.component == component.component })
            else { continue }
            parts.append(
                try ModelPart(
                    component: component.component,
                    description: description.with(prefixes: use.prefixes),
                    knobs: component.knobs
                )
            )
        }
        return parts
    }
}
