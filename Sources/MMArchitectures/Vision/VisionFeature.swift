/// What of a vision tower a connector takes.
package enum VisionFeature: Sendable, Hashable {
    /// Every token after the last layer and the norm behind it, where there is one for all tokens.
    case output
    /// Every token after `layer` layers, 0 for what the first one is given: transformers' `hidden_states[layer]`.
    case layer(Int)
    /// The normed class token alone, where `VisionConfiguration.postNorm` makes one.
    case pooled
}

extension VisionFeature: CustomStringConvertible {
    package var description: String {
        switch self {
        case .output: "vision.out"
        case .layer(0): "vision.embed"
        case .layer(let index): "vision.layer.\(index - 1)"
        case .pooled: "vision.pooled"
        }
    }
}
