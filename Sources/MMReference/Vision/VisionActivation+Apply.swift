internal import CKernels
internal import MMArchitectures

extension VisionActivation {
    /// values[i] = activation(values[i]), `count` of them.
    @unsafe func apply(to values: UnsafeMutablePointer<Float>, count: Int) {
        // The caller's `count` elements.
        switch self {
        case .gelu: unsafe mmk_gelu_erf(values, count)
        case .geluTanh: unsafe mmk_gelu_tanh(values, count)
        case .quickGelu: unsafe mmk_quick_gelu(values, count)
        case .silu: unsafe mmk_silu(values, count)
        }
    }

    /// gate[i] = activation(gate[i]) * up[i], `count` of them.
    @unsafe func apply(to gate: UnsafeMutablePointer<Float>, times up: UnsafePointer<Float>, count: Int) {
        // The caller's `count` elements of both.
        switch self {
        case .silu: unsafe mmk_silu_mul(gate, up, count, gate)
        case .geluTanh: unsafe mmk_gelu_tanh_mul(gate, up, count, gate)
        case .gelu, .quickGelu:
            unsafe apply(to: gate, count: count)
            for index in 0..<count { unsafe gate[index] *= up[index] }
        }
    }
}
