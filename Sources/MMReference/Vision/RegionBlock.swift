internal import MMArchitectures

/// The weights of a `ConnectorOperation.regionBlock`.
struct RegionBlock: Sendable {
    /// A convolution by 1 x 1 and the norm behind it.
    struct Projection: Sendable {
        let matrix: WeightMatrix
        let norm: NormWeights
    }

    let outputWidth: Int
    let first: Projection
    /// Of the depthwise convolution, [3 * 3, outputWidth]: the weights of each tap side by side.
    let taps: FloatBuffer
    let depthwiseNorm: NormWeights
    let squeeze: WeightMatrix
    let excitation: WeightMatrix
    let last: Projection
    /// Nil where the input is as wide as the output and is added as it is.
    let shortcut: Projection?

    static let side = 3

    init(
        _ name: String,
        width: Int,
        outputWidth: Int,
        squeezedWidth: Int,
        epsilon: Double,
        from loader: WeightLoader
    ) throws {
        func norm(_ part: String) throws -> NormWeights {
            try NormWeights("\(name).\(part)", .layer, width: outputWidth, epsilon: epsilon, from: loader)
        }
        func projection(_ part: String, from width: Int, _ normPart: String) throws -> Projection {
            Projection(
                matrix: try loader.flattened("\(name).\(part)", rows: outputWidth, columns: width, hasBias: false),
                norm: try norm(normPart)
            )
        }
        self.outputWidth = outputWidth
        first = try projection("conv1", from: width, "norm1")
        let tapCount = Self.side * Self.side
        let depthwise = try loader.flattened("\(name).depthwise", rows: outputWidth, columns: tapCount, hasBias: false)
        taps = try depthwise.transposed()
        depthwiseNorm = try norm("norm2")
        squeeze = try loader.flattened("\(name).squeeze1", rows: squeezedWidth, columns: outputWidth, hasBias: true)
        excitation = try loader.flattened("\(name).squeeze2", rows: outputWidth, columns: squeezedWidth, hasBias: true)
        last = try projection("conv3", from: outputWidth, "norm3")
        shortcut = width == outputWidth ? nil : try projection("shortcut", from: width, "shortcut_norm")
    }
}
