internal import CKernels

/// Which pixels of a line, and with which weights, make each pixel of the resized line: Pillow's `precompute_coeffs`
/// and `normalize_coeffs_8bpc` (src/libImaging/Resample.c).
struct ResampleTaps {
    var firsts: [UInt32]
    var counts: [UInt32]
    /// `stride` weights for each output, in fixed point of MMK_RESAMPLE_BITS.
    var weights: [Int32]
    let stride: Int

    /// Both counts are from 1 to `PictureLimits.side`, the filter is not `nearest`.
    init(inputCount: Int, outputCount: Int, filter: ResampleFilter) {
        let scale = Double(inputCount) / Double(outputCount)
        let filterScale = max(scale, 1)
        let support = filter.support * filterScale
        stride = Int(support.rounded(.up)) * 2 + 1
        firsts = []
        counts = []
        weights = [Int32](repeating: 0, count: outputCount * stride)
        let inverse = 1 / filterScale
        var line = [Double](repeating: 0, count: stride)
        for output in 0..<outputCount {
            let center = (Double(output) + 0.5) * scale
            // Conversions truncate towards zero.
            let first = max(Int(center - support + 0.5), 0)
            let count = min(Int(center + support + 0.5), inputCount) - first
            var sum = 0.0
            for tap in 0..<count {
                line[tap] = filter.weight(at: (Double(tap + first) - center + 0.5) * inverse)
                sum += line[tap]
            }
            for tap in 0..<count {
                let weight = (sum == 0 ? line[tap] : line[tap] / sum) * Double(1 << MMK_RESAMPLE_BITS)
                weights[output * stride + tap] = Int32(weight < 0 ? weight - 0.5 : weight + 0.5)
            }
            firsts.append(UInt32(first))
            counts.append(UInt32(count))
        }
    }

    /// Lends the tables to C kernels for the length of the call.
    func withTaps(_ body: (mmk_resample_taps) -> Void) {
        // The pointers are used inside the closures only.
        unsafe firsts.withUnsafeBufferPointer { firsts in
            unsafe counts.withUnsafeBufferPointer { counts in
                unsafe weights.withUnsafeBufferPointer { weights in
                    let taps = unsafe mmk_resample_taps(
                        firsts: firsts.baseAddress,
                        counts: counts.baseAddress,
                        weights: weights.baseAddress,
                        stride: stride
                    )
                    unsafe body(taps)
                }
            }
        }
    }
}
