internal import MMArchitectures
internal import MMQuantization
internal import MMTensors

extension ModelSource {
    /// The source as a recipe makes it.
    struct Quantized {
        let source: QuantizedSource
        /// What to know of the way that the roles were found, where the architecture did not tell them.
        let note: String?
    }

    /// Quantizes by the roles of the architecture, and by names and shapes where that is unknown: the same way for
    /// `quantize` and for `verify`, which runs the recipe again.
    ///
    /// Throws `QuantizationError` for what the recipe cannot quantize, and where there is nothing to quantize.
    func quantized(by recipe: QuantizationRecipe) throws -> Quantized {
        let isKnown = mapped.roles.contains { $0 != .unknown }
        let inferred =
            isKnown ? nil : try mapped.inferredRoles(blockElementCount: recipe.matrices.type.block.elementCount)
        return Quantized(
            source: try QuantizedSource(
                mapped,
                roles: inferred?.roles ?? mapped.roles,
                components: inferred?.components ?? mapped.components,
                recipe: recipe
            ),
            note: inferred?.note
        )
    }
}
