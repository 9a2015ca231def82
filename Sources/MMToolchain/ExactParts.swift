internal import MMArchitectures
internal import MMParity
internal import MMTensors

/// Which of the parts of a bundle's model compute the same as the source's, because all of their weights, and of those parts
/// that they are fed by, are of the same types.
enum ExactParts {
    static func between(_ source: ModelSource?, _ bundle: ModelSource) -> Set<ActivationLimits.Part> {
        guard let source else { return [] }
        var changed: Set<Component> = []
        for pair in TensorPairing(base: source.mapped, other: bundle.mapped).pairs {
            guard source.mapped.tensors[pair.base].type != bundle.mapped.tensors[pair.other].type else { continue }
            changed.insert(bundle.mapped.components[pair.other])
        }
        var parts: Set<ActivationLimits.Part> = []
        for part in ActivationLimits.Part.allCases {
            guard !changed.contains(component(of: part)) else { break }
            parts.insert(part)
        }
        return parts
    }

    private static func component(of part: ActivationLimits.Part) -> Component {
        switch part {
        case .vision: .vision
        case .connector: .connector
        case .text: .text
        }
    }
}
