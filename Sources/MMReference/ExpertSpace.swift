internal import MMArchitectures

/// The activations of a mixture of experts in one batch, f32; a place is a token's turn with one of its experts.
struct ExpertSpace: Sendable {
    /// [token, experts].
    let probabilities: FloatBuffer
    /// [place, modelWidth].
    let input: FloatBuffer
    /// [place, expert width].
    let gate: FloatBuffer
    let up: FloatBuffer
    /// [place, modelWidth].
    let output: FloatBuffer

    init(_ experts: DecoderConfiguration.Experts, modelWidth: Int, batchLimit: Int) throws(ReferenceError) {
        let placeCount = batchLimit * experts.used
        probabilities = try FloatBuffer(count: batchLimit * experts.count)
        input = try FloatBuffer(count: placeCount * modelWidth)
        gate = try FloatBuffer(count: placeCount * experts.width)
        up = try FloatBuffer(count: placeCount * experts.width)
        output = try FloatBuffer(count: placeCount * modelWidth)
    }
}
