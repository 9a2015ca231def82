/// One step from a vision tower's tokens to the tokens that the decoder takes for a picture.
///
/// `weights` are bundle names without their ending: a matrix has `.weight` and, where it says so, `.bias`. The first
/// step of a list selects.
package enum ConnectorOperation: Sendable, Hashable {
    /// The tokens of the tower, of several features one beside the other; without the class token where so told.
    case select([VisionFeature], dropsClassToken: Bool)
    /// Adds row `skip` + n of `weights` [count, width] to token n. A picture of another size than the rows are for, which
    /// are then a square, takes them interpolated.
    case addPosition(
        weights: String,
        count: Int,
        skip: Int = 0,
        interpolation: VisionConfiguration.Interpolation = .none
    )
    /// x W^T + b with W [outputWidth, width]; with `isTransposed`, x W with W [width, outputWidth].
    case linear(weights: String, outputWidth: Int, hasBias: Bool, isTransposed: Bool = false)
    case activation(VisionActivation)
    /// A norm over the width of a token; `offset` is added to an RMS norm's stored weight.
    case norm(weights: String, VisionConfiguration.Norm, epsilon: Double, offset: Double = 0)
    /// The mean of every `side` x `side` tokens, a rest at the lower and right edge left out.
    case averagePool(side: Int)
    /// The mean over `side` x `side` regions that cover the picture, overlapping where they must
    /// (torch's AdaptiveAvgPool2d).
    case adaptivePool(side: Int)
    /// Every `side` x `side` tokens of rows of tokens become one, row by row one beside the other: the pixel shuffle of
    /// Idefics 3 and InternVL.
    case pixelShuffle(side: Int)
    /// The `side` x `side` tokens of a block, which the tower gives one after the other, become one (Qwen2-VL).
    case merge(side: Int)
    /// A block of RegNet with depthwise convolutions and squeeze-excitation, as timm has it (`Bottleneck` of
    /// timm/models/regnet.py with LayerNorm2d): conv1 [outputWidth, width] by 1 x 1, norm, SiLU, depthwise
    /// [outputWidth, 1, 3, 3], norm, SiLU, squeeze1 [squeezedWidth, outputWidth] and squeeze2, conv3, norm, plus the
    /// input (through a matrix and a norm where the widths differ), SiLU. `epsilon` is that of every norm.
    case regionBlock(weights: String, outputWidth: Int, squeezedWidth: Int, epsilon: Double)
    /// As many tokens as there are learned queries, which look at themselves and at the tokens, layer by layer (the
    /// resampler of Honeybee, arXiv 2312.06742, after mPLUG-Owl's).
    case attentionPool(weights: String, AttentionPoolConfiguration)
    /// Learned tokens [count, width] behind the others.
    case append(weights: String, count: Int)
}
