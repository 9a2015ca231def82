/// What the declarative decoder is built from: the resolved knobs of a description, typed.
///
/// Counts are elements. With d = `modelWidth`, h = `headCount`, k = `keyValueHeadCount`, w = `headWidth`,
/// f = `feedForwardWidth` and v = `vocabularyCount`, the weights, outermost dimension first and by bundle name, are:
/// `text.embed.weight` [v, d]; per layer i `text.layers.{i}.attn_norm.weight` [d], `.attn.q.weight` [h*w, d],
/// `.attn.k.weight` and `.attn.v.weight` [k*w, d], `.attn.o.weight` [d, h*w], `.mlp_norm.weight` [d],
/// `.mlp.gate.weight` and `.mlp.up.weight` [f, d], `.mlp.down.weight` [d, f]; `text.norm.weight` [d];
/// `text.head.weight` [v, d] unless `isTied`. A bias is called like its weight with `bias` in place of `weight`.
/// `normPlacement`, `queryKeyNorm` and `Experts` say which others there are.
package struct DecoderConfiguration: Sendable, Hashable {
    package var vocabularyCount: Int
    package var modelWidth: Int
    package var layers: [Layer]
    package var headCount: Int
    /// Divides `headCount`; query head j reads key and value head j / (headCount / keyValueHeadCount).
    package var keyValueHeadCount: Int
    package var headWidth: Int
    package var feedForwardWidth: Int

    /// Added to the mean square under the root of RMSNorm.
    package var normEpsilon: Double
    /// Added to a norm's stored weight before it multiplies: 0 for llama, 1 for gemma.
    package var normOffset: Double
    package var normPlacement: NormPlacement = .pre
    package var queryKeyNorm: QueryKeyNorm = .none

    package var rope: RotaryEmbedding
    /// Of the sliding layers, where they differ.
    package var slidingRope: RotaryEmbedding?
    /// Positions that a sliding layer sees, the query's own among them; nil where no layer slides.
    package var window: Int?
    /// Multiplies the products of queries and keys before the softmax: 1 / sqrt(headWidth) for llama.
    package var attentionScale: Double
    /// c of c * tanh(score / c) before the softmax.
    package var attentionSoftcap: Double?
    /// Likewise of the logits.
    package var finalSoftcap: Double?
    /// Multiplies the embedding: sqrt(modelWidth) for gemma.
    package var embeddingScale: Double = 1
    package var activation: Activation

    /// Whether the embedding serves as the head, so that there is no `text.head.weight`.
    package var isTied: Bool
    package var hasQKVBias: Bool
    package var hasOutputBias: Bool
    package var hasMLPBias: Bool

    /// Of the sparse layers.
    package var experts: Experts?

    /// Positions that the model was made for, where the source says.
    package var contextLength: Int?

    package init(
        vocabularyCount: Int,
        modelWidth: Int,
        layers: [Layer],
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
        self.layers = layers
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

    package var layerCount: Int { layers.count }

    /// What turns the queries and keys of a layer; nil where nothing does.
    package func rope(of layer: Layer) -> RotaryEmbedding? {
        guard layer.hasRope else { return nil }
        return layer.isSliding ? slidingRope ?? rope : rope
    }
}

extension DecoderConfiguration {
    /// What one layer has that another may not.
    package struct Layer: Sendable, Hashable {
        /// Whether attention reaches back `window` positions only.
        package var isSliding = false
        /// Whether queries and keys turn.
        package var hasRope = true
        /// Whether the feed-forward part is a mixture of experts.
        package var isSparse = false

        package init() {}
    }

    /// Where a layer's norms are. The names of the weights are those of `text.layers.{i}`.
    package enum NormPlacement: String, Sendable, Hashable, CaseIterable {
        /// x + f(norm(x)): `attn_norm.weight`, `mlp_norm.weight`.
        case pre
        /// x + norm(f(norm(x))): `attn_post_norm.weight` and `mlp_post_norm.weight` [d] as well (gemma 2 and 3).
        case sandwich
        /// x + norm(f(x)): `attn_post_norm.weight`, `mlp_post_norm.weight` (OLMo 2).
        case post
    }

    /// RMSNorm of queries and keys before they turn: `attn.q_norm.weight`, `attn.k_norm.weight`.
    package enum QueryKeyNorm: String, Sendable, Hashable, CaseIterable {
        case none
        /// Each head by itself, weights [w].
        case head
        /// All heads together, weights [h*w] and [k*w].
        case full
    }

    /// The nonlinearity of the gated feed-forward part: `down(activation(gate(x)) * up(x))`.
    package enum Activation: String, Sendable, Hashable, CaseIterable {
        /// x * sigmoid(x).
        case silu
        /// x * Phi(x), by erf.
        case gelu
        /// x / 2 * (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))).
        case geluTanh = "gelu_pytorch_tanh"
    }

    /// A mixture of experts: with E = `count`, F = `width`, the weights of layer i are `text.layers.{i}.moe.router.weight`
    /// [E, d], `.moe.gate.weight` and `.moe.up.weight` [E, F, d], `.moe.down.weight` [E, d, F]. The router's logits go
    /// through a softmax over all experts; the `used` likeliest take part, each weighted by its probability.
    package struct Experts: Sendable, Hashable {
        package var count: Int
        /// Experts that a token goes through.
        package var used: Int
        package var width: Int
        /// Whether the weights of the experts taken are divided by their sum.
        package var isRenormalized: Bool
        /// Width S of an expert that every token goes through: `.moe.shared.gate.weight` and `.up.weight` [S, d],
        /// `.down.weight` [d, S]; 0 without one.
        package var sharedWidth: Int
        /// Whether the shared expert is multiplied by sigmoid(x . `.moe.shared_gate.weight` [1, d]).
        package var hasSharedGate: Bool

        package init(
            count: Int,
            used: Int,
            width: Int,
            isRenormalized: Bool,
            sharedWidth: Int = 0,
            hasSharedGate: Bool = false
        ) {
            self.count = count
            self.used = used
            self.width = width
            self.isRenormalized = isRenormalized
            self.sharedWidth = sharedWidth
            self.hasSharedGate = hasSharedGate
        }
    }
}
