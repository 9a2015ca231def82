internal import CKernels
internal import MMArchitectures

/// A norm over the width of a token.
struct NormWeights: Sendable {
    private let weight: FloatBuffer
    /// Nil for an RMS norm.
    private let bias: FloatBuffer?
    private let epsilon: Float
    private let offset: Float
    let width: Int

    init(
        _ name: String,
        _ norm: VisionConfiguration.Norm,
        width: Int,
        epsilon: Double,
        offset: Double = 0,
        from loader: WeightLoader
    ) throws {
        weight = try loader.vector("\(name).weight", count: width)
        bias = norm == .layer ? try loader.vector("\(name).bias", count: width) : nil
        self.epsilon = Float(epsilon)
        self.offset = Float(offset)
        self.width = width
    }

    /// output = norm(input), `width` elements each; the two may be the same.
    @unsafe func apply(_ input: UnsafePointer<Float>, to output: UnsafeMutablePointer<Float>) {
        // Weight and bias have `width` elements, input and output by the caller's promise.
        if let bias {
            unsafe mmk_layer_norm(input, weight.pointer, bias.pointer, epsilon, width, output)
        } else {
            unsafe mmk_rms_norm(input, weight.pointer, offset, epsilon, width, output)
        }
    }
}
