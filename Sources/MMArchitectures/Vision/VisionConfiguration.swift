/// What the declarative vision tower is built from: a vision transformer (arXiv 2010.11929) and its variants.
///
/// Counts are elements. With d = `modelWidth`, f = `feedForwardWidth`, c, t and p the channels, frames and side of a
/// patch, the weights, outermost dimension first and by bundle name, are: `vision.patch.weight` [d, c, p, p], or
/// [d, c, t, p, p] where t > 1, and `vision.patch.bias` [d]; `vision.class.weight` [d]; `vision.position.weight`
/// [side * side, d], a row for the class token before them; the norms `vision.embed_norm`, `vision.pre_norm` and
/// `vision.post_norm`; and per layer i under `vision.layers.{i}`: `.norm1`, `.attn.q`, `.attn.k`, `.attn.v`, `.attn.o`
/// [d, d], `.attn.q_norm.weight` and `.attn.k_norm.weight` [d] or [d / heads], `.scale1.weight` [d], `.norm2`,
/// `.mlp.gate` and `.mlp.up` [f, d], `.mlp.down` [d, f], `.scale2.weight` [d]. A norm has a `.weight` [d], and a
/// `.bias` [d] where it is a layer norm; a matrix has a `.weight` and, where the configuration says so, a `.bias`.
package struct VisionConfiguration: Sendable, Hashable {
    package var modelWidth: Int
    package var layerCount: Int
    /// Divides `modelWidth`.
    package var headCount: Int
    package var feedForwardWidth: Int
    package var patch: Patch
    /// Pixels of the side of the square pictures that the tower was made for; nil where it takes any size.
    package var imageSide: Int?
    /// Whether a learned token stands before the patches.
    package var hasClassToken: Bool
    package var position: Position
    /// Base of the frequencies of a rotary embedding over rows and columns, where there is one.
    package var rotaryTheta: Double?
    /// Patches come in blocks of this side, row by row in a block and the blocks row by row; 1 for rows.
    package var mergeSide: Int

    package var norm: Norm
    /// Added to the variance or the mean square under the root of every norm.
    package var normEpsilon: Double
    /// A norm of the patches before positions are added.
    package var hasEmbeddingNorm: Bool
    /// A norm of all tokens before the first layer.
    package var hasPreNorm: Bool
    package var postNorm: PostNorm

    package var hasQueryBias: Bool
    package var hasKeyBias: Bool
    package var hasValueBias: Bool
    package var hasOutputBias: Bool
    package var queryKeyNorm: QueryKeyNorm
    /// As `normEpsilon`, for the norms of queries and keys, which are RMS norms.
    package var queryKeyNormEpsilon: Double

    /// Whether the feed-forward part is down(activation(gate(x)) * up(x)), not down(activation(up(x))).
    package var isGated: Bool
    package var activation: VisionActivation
    package var hasMLPBias: Bool
    /// Whether what a block adds is multiplied by a learned vector (arXiv 2103.17239).
    package var hasLayerScale: Bool
    package var window: Window?

    package init(
        modelWidth: Int,
        layerCount: Int,
        headCount: Int,
        feedForwardWidth: Int,
        patch: Patch,
        imageSide: Int?,
        hasClassToken: Bool = false,
        position: Position = .none,
        rotaryTheta: Double? = nil,
        mergeSide: Int = 1,
        norm: Norm = .layer,
        normEpsilon: Double = 1e-6,
        hasEmbeddingNorm: Bool = false,
        hasPreNorm: Bool = false,
        postNorm: PostNorm = .none,
        hasQueryBias: Bool = true,
        hasKeyBias: Bool = true,
        hasValueBias: Bool = true,
        hasOutputBias: Bool = true,
        queryKeyNorm: QueryKeyNorm = .none,
        queryKeyNormEpsilon: Double = 1e-6,
        isGated: Bool = false,
        activation: VisionActivation = .gelu,
        hasMLPBias: Bool = true,
        hasLayerScale: Bool = false,
        window: Window? = nil
    ) {
        self.modelWidth = modelWidth
        self.layerCount = layerCount
        self.headCount = headCount
        self.feedForwardWidth = feedForwardWidth
        self.patch = patch
        self.imageSide = imageSide
        self.hasClassToken = hasClassToken
        self.position = position
        self.rotaryTheta = rotaryTheta
        self.mergeSide = mergeSide
        self.norm = norm
        self.normEpsilon = normEpsilon
        self.hasEmbeddingNorm = hasEmbeddingNorm
        self.hasPreNorm = hasPreNorm
        self.postNorm = postNorm
        self.hasQueryBias = hasQueryBias
        self.hasKeyBias = hasKeyBias
        self.hasValueBias = hasValueBias
        self.hasOutputBias = hasOutputBias
        self.queryKeyNorm = queryKeyNorm
        self.queryKeyNormEpsilon = queryKeyNormEpsilon
        self.isGated = isGated
        self.activation = activation
        self.hasMLPBias = hasMLPBias
        self.hasLayerScale = hasLayerScale
        self.window = window
    }
}
