internal import MMBytes
package import MMTensors

/// What the tensors of a checkpoint of an unknown architecture do in it, as far as names and shapes tell.
///
/// A tensor that is called like one of the nearest known architecture, and has as many dimensions, does what that one
/// does. Of the others, matrices whose rows hold a block take part in the text model: as embedding or head where their
/// name says so, else as linear layers. What is called a router, or belongs to vision or audio, stays as it is, and so
/// does everything else.
package struct InferredRoles: Sendable, Hashable {
    package let roles: [TensorRole]
    package let components: [Component]
    /// How the roles were found, in a sentence.
    package let note: String

    /// - Parameter blockElementCount: elements of the smallest row that is worth quantizing.
    package init(
        _ tensors: [TensorDescriptor],
        nearest: NearestArchitecture?,
        in catalog: ArchitectureCatalog,
        blockElementCount: Int
    ) {
        let description = nearest.flatMap { catalog[ByteString($0.id)] }
        let rules = description?.rules ?? []
        var roles: [TensorRole] = []
        var components: [Component] = []
        var matchedCount = 0
        for tensor in tensors {
            if let description, let rule = rules.first(where: { description.fits(tensor, $0) }) {
                matchedCount += 1
                roles.append(rule.role)
                components.append(rule.component)
            } else {
                let role = Self.role(of: tensor, blockElementCount: blockElementCount)
                roles.append(role)
                components.append(role == .unknown ? .other : .text)
            }
        }
        self.roles = roles
        self.components = components
        let likeness =
            matchedCount == 0 ? "" : "as in \(nearest?.id ?? "") for \(matchedCount) of \(tensors.count) tensors, else "
        note =
            "the architecture is unknown, so what is quantized was told by names and shapes: \(likeness)matrices "
            + "with rows of at least \(blockElementCount) elements; routers, vision, audio and all others are kept"
    }

    /// By name and shape alone.
    private static func role(of tensor: TensorDescriptor, blockElementCount: Int) -> TensorRole {
        guard tensor.shape.rank == 2, tensor.shape.columnCount >= blockElementCount, isWeight(tensor.type) else {
            return .unknown
        }
        let words = tensor.name.string.lowercased().split { $0 == "." || $0 == "_" || $0 == "/" }.map { String($0) }
        if words.contains(where: { keptWords.contains($0) }) { return .unknown }
        // A router is "gate" by itself; "gate_proj" and "ffn_gate" are layers.
        let parts = tensor.name.string.lowercased().split(separator: ".")
        if parts.contains("gate") || tensor.name.string.contains("gate_inp") { return .unknown }
        if words.contains(where: { embeddingWords.contains($0) }) { return .embed }
        return words.contains("head") || parts.first == "output" ? .head : .linear
    }

    /// Numbers that are the weights themselves. 8-bit floats come with scales of their own that no name rule can find.
    private static func isWeight(_ type: ElementType) -> Bool {
        switch type {
        case .f64, .f32, .f16, .bf16: true
        default: type.isQuantized && type.isDecodable
        }
    }

    private static let keptWords: Set<String> = [
        "router", "vision", "visual", "image", "patch", "audio", "vae", "norm", "layernorm", "bias", "scale", "conv",
    ]
    private static let embeddingWords: Set<String> = ["embed", "embd", "embedding", "embeddings", "wte", "wpe"]
}

extension MappedSource {
    /// Roles of a source whose architecture is unknown.
    ///
    /// Throws `DescriptionError` where an embedded description is broken, which the tests rule out.
    package func inferredRoles(blockElementCount: Int) throws(DescriptionError) -> InferredRoles {
        InferredRoles(
            tensors,
            nearest: model.nearest,
            in: try ArchitectureCatalog.embedded(),
            blockElementCount: blockElementCount
        )
    }
}
