package import MMBytes
package import MMTensors

/// Whether a source is of an architecture by what it says of itself.
package struct ArchitectureMatch: Sendable, Hashable {
    package let id: String
    /// Why it is not; nil for the one that it is.
    package let refusal: String?
    /// Whether the refusal is that the source calls itself something else.
    package let isOtherType: Bool

    /// Each known architecture, in the order that they are tried in.
    package static func all(_ source: any TensorSource, in catalog: ArchitectureCatalog) -> [ArchitectureMatch] {
        catalog.architectures.map { description in
            if let refusal = description.typeRefusal(of: source.configuration) {
                return ArchitectureMatch(id: description.id, refusal: refusal, isOtherType: true)
            }
            return ArchitectureMatch(
                id: description.id,
                refusal: kindRefusal(of: source, by: description),
                isOtherType: false
            )
        }
    }

    private static func kindRefusal(of source: any TensorSource, by description: ArchitectureDescription) -> String? {
        if let refusal = description.kindRefusal(of: source.configuration) { return refusal }
        guard description.graph != .visionLanguage else { return nil }
        do {
            return try ArchitectureMapper(description: description, source: source).knobRefusal()
        } catch {
            return "\(error)"
        }
    }
}

extension ArchitectureDescription {
    /// What a list of architectures says of this one.
    package var summary: JSONValue {
        [
            "id": .text(id),
            "title": .text(title),
            "status": .text(status.rawValue),
            "graph": .text(graph.rawValue),
            "model_types": .array(match.modelTypes.map { .string($0) }),
            "gguf": .array(match.ggufArchitectures.map { .string($0) }),
            "assumed": .array(assumptions.map { .text($0) }),
        ]
    }

    /// How a checkpoint calls itself that is of this architecture: `model_type`, and GGUF's name where it has one.
    package var typeNames: (huggingFace: [ByteString], gguf: [ByteString]) {
        (match.modelTypes, match.ggufArchitectures)
    }
}
