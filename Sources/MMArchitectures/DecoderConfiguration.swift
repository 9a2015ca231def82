/// What the declarative decoder is built from: the resolved knobs of a description, typed.
///
/// Counts are elements. With d = `modelWidth`, h = `headCount`, k = `keyValueHeadCount`, w = `headWidth`,
/// f = `feedForwardWidth` and v = `vocabularyCount`, the weights, outermost dimension first and by bundle name, are:
/// `text.embed.weight` [v, d]; per layer i `text.layers.{i}.attn_norm.weight` [d], `.attn.q.weight` [h*w, d],
/// `.attn.k.weight` and `.attn.v.weight` [k*w, d], `.attn.o.weight` [d, h*w], `.mlp_norm.weight` [d],
/// `.mlp.gate.weight` and `.mlp.up.weight` [f, d], `.mlp.down.weight` [d, f]; `text.norm.weight` [d];
/// `text.head.weight` [v, d] unless `isTied`. A bias is called like its weight with `bias` in place of `weight`.
package struct DecoderConfiguration: Sendable, Hashable {
    package var vocabularyCount: Int
    package var modelWidth: Int
    package var layerCount: Int
    package var headCount: Int
    /// Divides `headCount`; query head j reads key and value head j / (headCount / keyValueHeadCount).
    package var keyValueHeadCount: Int
    package var headWidth: Int
    package var feedForwardWidth: Int

    /// Added to the mean square under the root of RMSNorm.
    package var normEpsilon: Double
    /// Added to a norm's stored weight before it multiplies: 0 for llama.
    package var normOffset: Double

    package var rope: RotaryEmbedding
    /// Multiplies the products of queries and keys before the softmax: 1 / sqrt(headWidth) for llama.
    package var attentionScale: Double
    package var activation: Activation

    /// Whether the embedding serves as the head, so that there is no `text.head.weight`.
    package var isTied: Bool
    package var hasQKVBias: Bool
    package var hasOutputBias: Bool
    package var hasMLPBias: Bool

    /// Positions that the model was made for, where the source says.
    package var contextLength: Int?

    package init(
        vocabularyCount: Int,
        modelWidth: Int,
        layerCount: Int,
        headCount: Int,
        keyValueHeadCount: Int,
        headWidth: Int,
        feedForwardWidth: Int,
        normEpsilon: Double,
        normOffset: Double = 0,
        rope: RotaryEmbedding,
        attentionScale: Double,
        activation: Activation = .silu,
        isTied: Bool,
        hasQKVBias: Bool = false,
        hasOutputBias: Bool = false,
        hasMLPBias: Bool = false,
        contextLength: Int? = nil
    ) {
        self.vocabularyCount = vocabularyCount
        self.modelWidth = modelWidth
        self.layerCount = layerCount
        self.headCount = headCount
        self.keyValueHeadCount = keyValueHeadCount
        self.headWidth = headWidth
        self.feedForwardWidth = feedForwardWidth
        self.normEpsilon = normEpsilon
        self.normOffset = normOffset
        self.rope = rope
        self.attentionScale = attentionScale
        self.activation = activation
        self.isTied = isTied
        self.hasQKVBias = hasQKVBias
        self.hasOutputBias = hasOutputBias
        self.hasMLPBias = hasMLPBias
        self.contextLength = contextLength
    }
}

extension DecoderConfiguration {
    /// The nonlinearity of the gated feed-forward part: `down(activation(gate(x)) * up(x))`.
    package enum Activation: String, Sendable, Hashable, CaseIterable {
        /// x * sigmoid(x).
        case silu
    }
}
