#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

extension RotaryEmbedding {
    /// What each of the `width / 2` unscaled frequencies theta^(-2j / width) is divided by.
    package var frequencyDivisors: [Double] {
        let count = width / 2
        switch scaling {
        case .none: return Array(repeating: 1, count: count)
        case .linear(let factor): return Array(repeating: factor, count: count)
        case .factors(let factors): return factors.map(Double.init)
        case .llama3(let factor, let low, let high, let original):
            return (0..<count).map { index in
                let wavelength = 2 * Double.pi * pow(theta, Double(2 * index) / Double(width))
                if wavelength < original / high { return 1 }
                if wavelength > original / low { return factor }
                let smooth = (original / wavelength - low) / (high - low)
                return 1 / ((1 - smooth) / factor + smooth)
            }
        }
    }
}
