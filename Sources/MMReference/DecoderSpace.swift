internal import MMArchitectures

/// The activations of one batch, f32, a row a token.
struct DecoderSpace: Sendable {
    /// Tokens of a tile of attention: its scores are tile x context.
    static let attentionTile = 32

    let width: Int
    let queryWidth: Int
    let keyWidth: Int
    let batchLimit: Int
    /// Elements of the angles of one token and kind of rotary embedding.
    let angleWidth: Int
    /// Elements between the rows of a tile's scores.
    let scoreStride: Int

    /// The residual stream, [token, modelWidth].
    let residual: FloatBuffer
    /// The normed input of a block, and after the last layer the output of the final norm, [token, modelWidth].
    let normed: FloatBuffer
    let query: FloatBuffer
    let key: FloatBuffer
    let value: FloatBuffer
    /// Attention's output before its projection, [token, headCount * headWidth].
    let mixed: FloatBuffer
    /// What a block adds to the residual stream, [token, modelWidth].
    let delta: FloatBuffer
    /// [token, width of the feed-forward part].
    let gate: FloatBuffer
    let up: FloatBuffer
    /// What the shared expert gives, [token, modelWidth]; empty without one.
    let shared: FloatBuffer
    let experts: ExpertSpace?
    /// Cosines and sines, [kind of rotary embedding, token, rotary width].
    let angles: FloatBuffer
    /// Scores of a tile, for each member of the team; as long as the context, so only touched as far as it is full.
    let scores: FloatBuffer
    /// One row of the embedding with its padding.
    let embeddingRow: FloatBuffer

    init(
        configuration: DecoderConfiguration,
        batchLimit: Int,
        capacity: Int,
        threadCount: Int,
        embeddingRowCount: Int
    ) throws(ReferenceError) {
        width = configuration.modelWidth
        queryWidth = configuration.headCount * configuration.headWidth
        keyWidth = configuration.keyValueHeadCount * configuration.headWidth
        self.batchLimit = batchLimit
        angleWidth = max(configuration.rope.width, configuration.slidingRope?.width ?? 0)
        let sharedWidth = configuration.experts?.sharedWidth ?? 0
        let hasDenseLayer = configuration.layers.contains { !$0.isSparse }
        let innerWidth = max(hasDenseLayer ? configuration.feedForwardWidth : 0, sharedWidth)
        scoreStride = KeyValueCache.wholeUnits(capacity) + 16
        residual = try FloatBuffer(count: batchLimit * width)
        normed = try FloatBuffer(count: batchLimit * width)
        query = try FloatBuffer(count: batchLimit * queryWidth)
        key = try FloatBuffer(count: batchLimit * keyWidth)
        value = try FloatBuffer(count: batchLimit * keyWidth)
        mixed = try FloatBuffer(count: batchLimit * queryWidth)
        delta = try FloatBuffer(count: batchLimit * width)
        gate = try FloatBuffer(count: batchLimit * innerWidth)
        up = try FloatBuffer(count: batchLimit * innerWidth)
        shared = try FloatBuffer(count: sharedWidth > 0 ? batchLimit * width : 0)
        experts = try configuration.experts.map { experts throws(ReferenceError) in
            try ExpertSpace(experts, modelWidth: configuration.modelWidth, batchLimit: batchLimit)
        }
        angles = try FloatBuffer(count: 2 * batchLimit * angleWidth)
        scores = try FloatBuffer(
            count: threadCount * min(batchLimit, Self.attentionTile) * scoreStride,
            isZeroed: false
        )
        embeddingRow = try FloatBuffer(count: embeddingRowCount)
    }
}
