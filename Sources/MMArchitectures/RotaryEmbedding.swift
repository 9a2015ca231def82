/// Rotary position embedding of queries and keys (RoFormer, arXiv 2104.09864).
///
/// Frequency j of `width / 2` is theta^(-2j / width), changed by `scaling`; the pair j of the element at position p
/// turns by p times its frequency. Elements of a head from `width` on are left as they are.
package struct RotaryEmbedding: Sendable, Hashable {
    /// Base of the frequencies.
    package var theta: Double
    /// Elements of a head that turn, even and at most the head's width.
    package var width: Int
    package var pairing: Pairing
    package var scaling: Scaling

    package init(theta: Double, width: Int, pairing: Pairing = .half, scaling: Scaling = .none) {
        self.theta = theta
        self.width = width
        self.pairing = pairing
        self.scaling = scaling
    }
}

extension RotaryEmbedding {
    /// Which elements of a head turn together.
    package enum Pairing: String, Sendable, Hashable, CaseIterable {
        /// Element j with j + width / 2.
        case half
        /// Element 2j with 2j + 1.
        case interleaved
    }

    /// What is done to the frequencies for contexts longer than the first training's.
    package enum Scaling: Sendable, Hashable {
        case none
        /// Every frequency is divided by `factor`.
        case linear(factor: Double)
        /// Llama 3.1's bands. With wavelength = 2 pi / frequency: below originalContextLength / highFrequencyFactor
        /// the frequency stays; above originalContextLength / lowFrequencyFactor it is divided by `factor`; between,
        /// with s = (originalContextLength / wavelength - low) / (high - low), it becomes
        /// (1 - s) * frequency / factor + s * frequency.
        case llama3(
            factor: Double,
            lowFrequencyFactor: Double,
            highFrequencyFactor: Double,
            originalContextLength: Double
        )
        /// Frequency j is divided by factor j: the `rope_freqs.weight` tensor of a GGUF file, `width / 2` of them.
        case factors([Float])
    }
}
