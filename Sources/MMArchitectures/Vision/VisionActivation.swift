/// A nonlinearity of a vision tower or a connector.
package enum VisionActivation: String, Sendable, Hashable, CaseIterable {
    /// x / 2 * (1 + erf(x / sqrt(2))) (arXiv 1606.08415).
    case gelu
    /// Its form with tanh.
    case geluTanh = "gelu_tanh"
    /// x * sigmoid(1.702 x), which OpenAI's CLIP uses.
    case quickGelu = "quick_gelu"
    /// x * sigmoid(x).
    case silu

    /// What transformers calls it (`ACT2FN` of activations.py); nil for one that is not computed here.
    package init?(huggingFaceName name: String) {
        switch name {
        case "gelu", "gelu_python": self = .gelu
        case "gelu_pytorch_tanh", "gelu_new", "gelu_fast", "gelu_python_tanh", "gelu_accurate", "gelu_tanh":
            self = .geluTanh
        case "quick_gelu": self = .quickGelu
        case "silu", "swish": self = .silu
        default: return nil
        }
    }
}
