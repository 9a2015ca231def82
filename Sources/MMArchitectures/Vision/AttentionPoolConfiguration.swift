/// Learned queries that are attended with, layer by layer: with w the width of the tokens, n = `queryCount` and
/// f = `innerWidth`, and weights under a name, `.queries.weight` [n, w], and per layer i under `.{i}`: x = `.norm_q`(x),
/// y = `.norm_k`(tokens); x + `.attn.o`(attention of `.attn.q`(x) to `.attn.k` and `.attn.v` of x and y together); then
/// x + `.mlp.down`(`.mlp.norm`(silu(`.mlp.gate`(z)) * `.mlp.up`(z))) with z = `.norm`(x). Every matrix has a bias.
package struct AttentionPoolConfiguration: Sendable, Hashable {
    package var queryCount: Int
    package var layerCount: Int
    /// Divides the width.
    package var headCount: Int
    package var innerWidth: Int
    /// Of the norms of queries, tokens and feed-forward input.
    package var epsilon: Double
    /// Of the norm inside the feed-forward part.
    package var innerEpsilon: Double

    package init(
        queryCount: Int,
        layerCount: Int,
        headCount: Int,
        innerWidth: Int,
        epsilon: Double,
        innerEpsilon: Double
    ) {
        self.queryCount = queryCount
        self.layerCount = layerCount
        self.headCount = headCount
        self.innerWidth = innerWidth
        self.epsilon = epsilon
        self.innerEpsilon = innerEpsilon
    }
}
