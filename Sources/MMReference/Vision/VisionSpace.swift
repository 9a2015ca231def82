internal import MMArchitectures

/// The activations of one picture on its way through a tower, f32, a row a token.
struct VisionSpace: Sendable {
    /// Most tokens that go through a layer's matrices together.
    static let blockLimit = 256
    /// Queries of a tile of attention: its scores are tile x group.
    static let attentionTile = 32

    let width: Int
    let innerWidth: Int
    let blockCount: Int
    /// Elements between the rows of a tile's scores.
    let scoreStride: Int
    /// Elements between the rows of `values`.
    let valueStride: Int

    /// The residual stream, [token, width].
    let stream: FloatBuffer
    /// The queries, and in their place attention's output before its projection, [token, width].
    let query: FloatBuffer
    let key: FloatBuffer
    /// The values of every token, transposed: [width, token].
    let values: FloatBuffer
    /// Of one block of tokens: the normed input, its values and what is added to the stream, [block, width].
    let normed: FloatBuffer
    let value: FloatBuffer
    let delta: FloatBuffer
    /// [block, innerWidth].
    let up: FloatBuffer
    let gate: FloatBuffer
    /// Scores of a tile, for each member of the team.
    let scores: FloatBuffer

    init(configuration: VisionConfiguration, layout: VisionLayout, threadCount: Int) throws(ReferenceError) {
        let count = layout.tokenCount
        width = configuration.modelWidth
        innerWidth = configuration.feedForwardWidth
        blockCount = min(count, Self.blockLimit)
        valueStride = count + 16
        scoreStride = (layout.frames.map(\.keys.count).max() ?? 0) + 16
        stream = try FloatBuffer(count: count * width)
        query = try FloatBuffer(count: count * width)
        key = try FloatBuffer(count: count * width)
        values = try FloatBuffer(count: width * valueStride)
        normed = try FloatBuffer(count: blockCount * width)
        value = try FloatBuffer(count: blockCount * width)
        delta = try FloatBuffer(count: blockCount * width)
        up = try FloatBuffer(count: blockCount * innerWidth)
        gate = try FloatBuffer(count: configuration.isGated ? blockCount * innerWidth : 0)
        scores = try FloatBuffer(count: threadCount * min(count, Self.attentionTile) * scoreStride, isZeroed: false)
    }
}
