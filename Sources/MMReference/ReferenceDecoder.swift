package import MMArchitectures
package import MMStorage
package import MMTensors

/// The reference model: a decoder-only transformer that is driven by its configuration alone.
///
/// Weights stay in the type that they are stored in, lent from a mapping where the source maps; activations and sums
/// are f32. Results do not depend on the number of threads. Every block is x + attention(norm(x)), then
/// x + down(silu(gate(norm(x))) * up(norm(x))), as in LLaMA (arXiv 2302.13971), with grouped queries (arXiv 2305.13245).
package final class ReferenceDecoder: Sendable {
    package let configuration: DecoderConfiguration
    package let team: ThreadTeam
    let embedding: WeightMatrix
    let layers: [DecoderLayer]
    let finalNorm: FloatBuffer
    let head: WeightMatrix
    let rotary: RotaryFrequencies

    /// Takes the weights of `source`, which has them by bundle names; see `DecoderConfiguration` for names and shapes.
    ///
    /// - Throws: `ReferenceError` for a missing tensor, a shape that the configuration does not compute, a type that
    ///   cannot be computed with, and a configuration that contradicts itself; what `source.load` throws.
    package init(source: any TensorSource, configuration: DecoderConfiguration, team: ThreadTeam) throws {
        try Self.validate(configuration)
        let loader = WeightLoader(source)
        let (rows, width) = (configuration.vocabularyCount, configuration.modelWidth)
        self.configuration = configuration
        self.team = team
        embedding = try loader.matrix("text.embed", rows: rows, columns: width)
        layers = try (0..<configuration.layerCount).map { try DecoderLayer($0, of: configuration, from: loader) }
        finalNorm = try loader.vector("text.norm.weight", count: width)
        head = configuration.isTied ? embedding : try loader.matrix("text.head", rows: rows, columns: width)
        rotary = RotaryFrequencies(configuration.rope)
    }

    /// A state for sequences of up to `capacity` positions, evaluated `batchLimit` at a time.
    package func makeState(capacity: Int, batchLimit: Int = 64) throws -> DecoderState {
        try DecoderState(
            configuration: configuration,
            capacity: capacity,
            batchLimit: batchLimit,
            threadCount: team.threadCount,
            embeddingRowCount: embedding.paddedColumnCount
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
        let rope = configuration.rope
        try check(.rotaryWidth, rope.width, rope.width.isMultiple(of: 2) && rope.width <= configuration.headWidth)
        if case .factors(let factors) = rope.scaling {
            try check(.rotaryFactorCount, factors.count, factors.count == rope.width / 2)
        }
    }
}
