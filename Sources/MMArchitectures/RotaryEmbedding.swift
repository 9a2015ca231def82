/// Rotary position embedding of queries and keys (RoFormer, arXiv 2104.09864).
///
/// Frequency j of `width / 2` is theta^(-2j / width), changed by `scaling`; the pair j of the element at position p
/// turns by p times its frequency, and is multiplied by `attentionFactor`. Elements of a head from `width` on are left
/// as they are.
package struct RotaryEmbedding: Sendable, Hashable {
    /// Base of the frequencies.
    package var theta: Double
    /// Elements of a head that turn, even and at most the head's width.
    package var width: Int
    package var pairing: Pairing
    package var scaling: Scaling
    /// Multiplies cosines and sines: YaRN's and LongRoPE's temperature.
    package var attentionFactor: Double
    /// Which of the three positions of an element (time, row, column) turns which pair; nil where there is one position.
    package var axes: Axes?

    package init(
        theta: Double,
        width: Int,
        pairing: Pairing = .half,
        scaling: Scaling = .none,
        attentionFactor: Double = 1,
        axes: Axes? = nil
    ) {
        self.theta = theta
        self.width = width
        self.pairing = pairing
        self.scaling = scaling
        self.attentionFactor = attentionFactor
        self.axes = axes
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

    /// The multimodal rotary embedding of Qwen2-VL (arXiv 2409.12191): pairs turn by time, row or column.
    package struct Axes: Sendable, Hashable {
        /// How many pairs turn by time, by row and by column: three counts whose sum is width / 2.
        package var sections: [Int]
        package var order: Order

        package init(sections: [Int], order: Order) {
            self.sections = sections
            self.order = order
        }

        package enum Order: String, Sendable, Hashable, CaseIterable {
            /// The pairs of one axis after those of another (Qwen2-VL, Qwen2.5-VL).
            case chunked
            /// Pairs 1, 4, 7 ... by row and 2, 5, 8 ... by column as far as their sections go, the others by time
            /// (Qwen3-VL).
            case interleaved
        }

        /// The axis (0 time, 1 row, 2 column) of pair `pair`.
        package func axis(ofPair pair: Int) -> Int {
            switch order {
            case .chunked: pair < sections[0] ? 0 : pair < sections[0] + sections[1] ? 1 : 2
            case .interleaved: pair % 3 != 0 && pair < 3 * sections[pair % 3] ? pair % 3 : 0
            }
        }
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
        /// YaRN (arXiv 2309.00071): pairs that turn more than `betaFast` times in the original context keep their
        /// frequency, those that turn less than `betaSlow` times have it divided by `factor`, a ramp over the pairs
        /// between; its ends are rounded outwards where `isTruncated`.
        case yarn(
            factor: Double,
            betaFast: Double,
            betaSlow: Double,
            originalContextLength: Double,
            isTruncated: Bool
        )
        /// LongRoPE (arXiv 2402.13753): frequency j is divided by factor j of `long` in sequences beyond the original
        /// context, of `short` in others; `width / 2` factors each.
        case longRope(short: [Double], long: [Double], originalContextLength: Int)
        /// Dynamic NTK: in sequences of n > contextLength positions theta is multiplied by
        /// (factor * n / contextLength - (factor - 1)) ^ (width / (width - 2)).
        case dynamic(factor: Double, contextLength: Int)
    }
}
