#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

extension RotaryEmbedding {
    /// What each of the `width / 2` unscaled frequencies theta^(-2j / width) is divided by in a sequence of
    /// `sequenceLength` positions.
    package func frequencyDivisors(sequenceLength: Int) -> [Double] {
        let count = width / 2
        switch scaling {
        case .none: return Array(repeating: 1, count: count)
        case .linear(let factor): return Array(repeating: factor, count: count)
        case .factors(let factors): return factors.map(Double.init)
        case .longRope(let short, let long, let original): return sequenceLength > original ? long : short
        case .dynamic(let factor, let contextLength):
            guard sequenceLength > contextLength, width > 2 else { return Array(repeating: 1, count: count) }
            let stretch = factor * Double(sequenceLength) / Double(contextLength) - (factor - 1)
            return (0..<count).map { pow(stretch, Double(2 * $0) / Double(width - 2)) }
        case .llama3(let factor, let low, let high, let original):
            return (0..<count).map { index in
                let wavelength = 2 * Double.pi * pow(theta, Double(2 * index) / Double(width))
                if wavelength < original / high { return 1 }
                if wavelength > original / low { return factor }
                let smooth = (original / wavelength - low) / (high - low)
                return 1 / ((1 - smooth) / factor + smooth)
            }
        case .yarn(let factor, let fast, let slow, let original, let isTruncated):
            // The pair that turns `rotations` times in the original context.
            func pair(rotations: Double) -> Double {
                Double(width) * log(original / (rotations * 2 * Double.pi)) / (2 * log(theta))
            }
            let (first, last) = (pair(rotations: fast), pair(rotations: slow))
            let low = max(isTruncated ? first.rounded(.down) : first, 0)
            let high = min(isTruncated ? last.rounded(.up) : last, Double(width - 1))
            let length = low == high ? 0.001 : high - low
            return (0..<count).map { index in
                let ramp = min(max((Double(index) - low) / length, 0), 1)
                return 1 / (ramp / factor + (1 - ramp))
            }
        }
    }

    /// YaRN's attention factor where the configuration gives none: 0.1 ln(factor) + 1.
    static func yarnAttentionFactor(_ factor: Double) -> Double { factor <= 1 ? 1 : 0.1 * log(factor) + 1 }

    /// LongRoPE's attention factor where the configuration gives none: sqrt(1 + ln(factor) / ln(original context)).
    static func longRopeAttentionFactor(_ factor: Double, originalContextLength: Int) -> Double {
        factor <= 1 ? 1 : (1 + log(factor) / log(Double(originalContextLength))).squareRoot()
    }
}
