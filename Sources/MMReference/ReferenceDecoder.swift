package import MMArchitectures
package import MMStorage
package import MMTensors

/// The reference model: a decoder-only transformer that is driven by its configuration alone.
///
/// Weights stay in the type that they are stored in, lent from a mapping where the source maps; activations and sums
/// are f32 (see `ProductArithmetic`). Results do not depend on the number of threads. Every block is x + attention(norm(x)), then
/// x + down(silu(gate(norm(x))) * up(norm(x))), as in LLaMA (arXiv 2302.13971), with grouped queries (arXiv 2305.13245)
/// and what else the configuration says.
package final class ReferenceDecoder: Sendable {
    package let configuration: DecoderConfiguration
    package let team: ThreadTeam
    let weights: DecoderWeights

    /// Takes the weights of `source`, which has them by bundle names; see `DecoderConfiguration` for names and shapes.
    ///
    /// - Parameter isStreaming: keeps one layer's weights in memory at a time, for models larger than memory: a sequence
    ///   is then evaluated whole, in one batch.
    /// - Throws: `ReferenceError` for a missing tensor, a shape that the configuration does not compute, a type that
    ///   cannot be computed with, and a configuration that contradicts itself; what `source.load` throws.
    package init(
        source: any TensorSource,
        configuration: DecoderConfiguration,
        team: ThreadTeam,
        arithmetic: ProductArithmetic = .exact,
        isStreaming: Bool = false
    ) throws {
        try Self.validate(configuration)
        self.configuration = configuration
        self.team = team
        weights = try DecoderWeights(
            source: source,
            configuration: configuration,
            arithmetic: arithmetic,
            isStreaming: isStreaming
        )
    }

    package var isStreaming: Bool { weights.isStreaming }

    /// A state for sequences of up to `capacity` positions, evaluated `batchLimit` at a time, or whole by a decoder that
    /// streams its weights.
    package func makeState(capacity: Int, batchLimit: Int = 96) throws -> DecoderState {
        try DecoderState(
            configuration: configuration,
            capacity: capacity,
            batchLimit: isStreaming ? capacity : batchLimit,
            cachedLayerCount: isStreaming ? 1 : configuration.layerCount,
            threadCount: team.threadCount,
            embeddingRowCount: try weights.embedding().paddedColumnCount
        )
    }

    private static func validate(_ configuration: DecoderConfiguration) throws {
        func check(_ knob: ReferenceError.Knob, _ value: Int, _ isPossible: Bool = true) throws {
            // Far above any model, and low enough that products of two fit.
            guard value > 0, value <= 1 << 28, isPossible else {
                throw ReferenceError(.impossibleConfiguration(knob, value))
            }
        }
        try check(.vocabularyCount, configuration.vocabularyCount)
        try check(.modelWidth, configuration.modelWidth)
        try check(.layerCount, configuration.layerCount)
        try check(.headCount, configuration.headCount)
        try check(
            .keyValueHeadCount,
            configuration.keyValueHeadCount,
            configuration.headCount.isMultiple(of: max(configuration.keyValueHeadCount, 1))
        )
        try check(.headWidth, configuration.headWidth)
        try check(.feedForwardWidth, configuration.feedForwardWidth)
        if let window = configuration.window { try check(.window, window) }
        if let experts = configuration.experts {
            try check(.expertCount, experts.count)
            try check(.expertCount, experts.used, experts.used <= experts.count)
            try check(.feedForwardWidth, experts.width)
            if experts.sharedWidth != 0 { try check(.feedForwardWidth, experts.sharedWidth) }
        }
        for rope in [configuration.rope, configuration.slidingRope].compactMap(\.self) {
            try check(.rotaryWidth, rope.width, rope.width.isMultiple(of: 2) && rope.width <= configuration.headWidth)
            let factors = rope.frequencyDivisors(sequenceLength: 1)
            try check(.rotaryFactorCount, factors.count, factors.count == rope.width / 2)
        }
    }
}
