internal import MMArchitectures

/// The weights of one layer of a vision tower.
struct VisionLayer: Sendable {
    let attentionNorm: NormWeights
    let query: WeightMatrix
    let key: WeightMatrix
    let value: WeightMatrix
    let output: WeightMatrix
    /// RMS norms of queries and keys; nil where there are none.
    let queryNorm: NormWeights?
    let keyNorm: NormWeights?
    let attentionScale: FloatBuffer?
    let feedForwardNorm: NormWeights
    /// Nil where the feed-forward part is not gated.
    let gate: WeightMatrix?
    let up: WeightMatrix
    let down: WeightMatrix
    let feedForwardScale: FloatBuffer?

    init(_ index: Int, of configuration: VisionConfiguration, from loader: WeightLoader) throws {
        let prefix = "vision.layers.\(index)"
        let (width, inner) = (configuration.modelWidth, configuration.feedForwardWidth)
        func norm(_ name: String) throws -> NormWeights {
            try NormWeights(
                "\(prefix).\(name)",
                configuration.norm,
                width: width,
                epsilon: configuration.normEpsilon,
                from: loader
            )
        }
        func matrix(_ name: String, _ rows: Int, _ columns: Int, _ hasBias: Bool) throws -> WeightMatrix {
            try loader.matrix("\(prefix).\(name)", rows: rows, columns: columns, hasBias: hasBias)
        }
        func queryKeyNorm(_ name: String) throws -> NormWeights? {
            guard configuration.queryKeyNorm != .none else { return nil }
            return try NormWeights(
                "\(prefix).attn.\(name)",
                .rms,
                width: configuration.queryKeyNorm == .head ? configuration.headWidth : width,
                epsilon: configuration.queryKeyNormEpsilon,
                from: loader
            )
        }
        func scale(_ name: String) throws -> FloatBuffer? {
            configuration.hasLayerScale ? try loader.flatVector("\(prefix).\(name)", count: width) : nil
        }
        attentionNorm = try norm("norm1")
        query = try matrix("attn.q", width, width, configuration.hasQueryBias)
        key = try matrix("attn.k", width, width, configuration.hasKeyBias)
        value = try matrix("attn.v", width, width, configuration.hasValueBias)
        output = try matrix("attn.o", width, width, configuration.hasOutputBias)
        queryNorm = try queryKeyNorm("q_norm")
        keyNorm = try queryKeyNorm("k_norm")
        attentionScale = try scale("scale1")
        feedForwardNorm = try norm("norm2")
        gate = configuration.isGated ? try matrix("mlp.gate", inner, width, configuration.hasMLPBias) : nil
        up = try matrix("mlp.up", inner, width, configuration.hasMLPBias)
        down = try matrix("mlp.down", width, inner, configuration.hasMLPBias)
        feedForwardScale = try scale("scale2")
    }
}
