internal import MMArchitectures

/// The weights of one layer.
struct DecoderLayer: Sendable {
    /// nil where `NormPlacement` has none there.
    let attentionNorm: FloatBuffer?
    let query: WeightMatrix
    let key: WeightMatrix
    let value: WeightMatrix
    let queryNorm: FloatBuffer?
    let keyNorm: FloatBuffer?
    let output: WeightMatrix
    let attentionPostNorm: FloatBuffer?
    let feedForwardNorm: FloatBuffer?
    let feedForward: FeedForward
    let feedForwardPostNorm: FloatBuffer?

    enum FeedForward: Sendable {
        case dense(GatedWeights)
        case sparse(ExpertWeights)
    }

    init(_ index: Int, of configuration: DecoderConfiguration, from loader: WeightLoader) throws {
        let prefix = "text.layers.\(index)"
        let width = configuration.modelWidth
        let queryWidth = configuration.headCount * configuration.headWidth
        let keyWidth = configuration.keyValueHeadCount * configuration.headWidth
        func matrix(_ name: String, _ rows: Int, _ columns: Int, _ hasBias: Bool) throws -> WeightMatrix {
            try loader.matrix("\(prefix).\(name)", rows: rows, columns: columns, hasBias: hasBias)
        }
        func norm(_ name: String, _ isThere: Bool, _ count: Int) throws -> FloatBuffer? {
            isThere ? try loader.vector("\(prefix).\(name).weight", count: count) : nil
        }
        let (isBefore, isBehind) = (configuration.normPlacement != .post, configuration.normPlacement != .pre)
        attentionNorm = try norm("attn_norm", isBefore, width)
        query = try matrix("attn.q", queryWidth, width, configuration.hasQKVBias)
        key = try matrix("attn.k", keyWidth, width, configuration.hasQKVBias)
        value = try matrix("attn.v", keyWidth, width, configuration.hasQKVBias)
        let kind = configuration.queryKeyNorm
        queryNorm = try norm("attn.q_norm", kind != .none, kind == .head ? configuration.headWidth : queryWidth)
        keyNorm = try norm("attn.k_norm", kind != .none, kind == .head ? configuration.headWidth : keyWidth)
        output = try matrix("attn.o", width, queryWidth, configuration.hasOutputBias)
        attentionPostNorm = try norm("attn_post_norm", isBehind, width)
        feedForwardNorm = try norm("mlp_norm", isBefore, width)
        if configuration.layers[index].isSparse, let experts = configuration.experts {
            feedForward = .sparse(try ExpertWeights("\(prefix).moe", experts, width: width, from: loader))
        } else {
            feedForward = .dense(
                try GatedWeights(
                    "\(prefix).mlp",
                    width: width,
                    innerWidth: configuration.feedForwardWidth,
                    hasBias: configuration.hasMLPBias,
                    from: loader
                )
            )
        }
        feedForwardPostNorm = try norm("mlp_post_norm", isBehind, width)
    }
}
