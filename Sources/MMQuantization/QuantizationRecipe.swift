internal import MMArchitectures
internal import MMBytes
internal import MMTensors

/// Which block type each role of tensor becomes.
package struct QuantizationRecipe: Sendable, Hashable {
    /// What the user typed: "q4", or a block type such as "q4_0".
    package let name: String
    /// For the matrices of the text model: linear layers and experts.
    package let matrices: BlockQuantizer
    /// For the embedding and the head.
    package let embeddings: BlockQuantizer
    /// Types that are as good as the wanted one: a tensor that has one already is copied, because to quantize it a
    /// second time to the same width can only lose.
    let equals: Set<ElementType>

    /// Every recipe, in the order that help shows them. The choice of types for q4 and q5 is measured: see
    /// docs/quantization.md.
    package static let all: [QuantizationRecipe] = [
        .width("q8", .q8_0, equals: []),
        .width("q5", .q5_0, equals: [.q5_1, .q5_K]),
        .width("q4", .iq4_NL, equals: [.q4_0, .q4_1, .q4_K, .iq4_XS, .mxfp4]),
        .pure(.q8_0), .pure(.q5_1), .pure(.q5_0), .pure(.q4_1), .pure(.q4_0),
    ]

    /// Matrices in a block type whose scales are searched for, embedding and head in Q8_0.
    private static func width(_ name: String, _ type: ElementType, equals: Set<ElementType>) -> QuantizationRecipe {
        QuantizationRecipe(
            name: name,
            matrices: BlockQuantizer(type: type, method: .searched),
            embeddings: BlockQuantizer(type: .q8_0, method: .searched),
            equals: equals
        )
    }

    /// One block type for everything that is quantized, in GGML's reference arithmetic.
    private static func pure(_ type: ElementType) -> QuantizationRecipe {
        let quantizer = BlockQuantizer(type: type, method: .reference)
        return QuantizationRecipe(
            name: type.rawValue.lowercased(),
            matrices: quantizer,
            embeddings: quantizer,
            equals: []
        )
    }

    /// Throws `QuantizationError` (usage) for a name that is no recipe.
    package static func named(_ name: String) throws(QuantizationError) -> QuantizationRecipe {
        guard let recipe = all.first(where: { $0.name == name.lowercased() }) else {
            throw QuantizationError(.unknownRecipe(allowed: all.map(\.name)), subject: ByteString(name))
        }
        return recipe
    }

    /// The quantizer for a tensor, or nil where it stays as it is: norms, biases, routers, one-dimensional tensors
    /// and everything outside the text model.
    func quantizer(role: TensorRole, component: Component, shape: Shape) -> BlockQuantizer? {
        guard component == .text, shape.rank >= 2 else { return nil }
        switch role {
        case .linear, .experts: return matrices
        case .embed, .head: return embeddings
        case .router, .norm, .bias, .pos, .conv, .depthwise, .scale, .vector, .unknown: return nil
        }
    }
}
