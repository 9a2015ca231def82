internal import MMArchitectures

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The angles by which the pairs of a head turn from one position to the next.
struct RotaryFrequencies: Sendable {
    let pairing: RotaryEmbedding.Pairing
    /// Radians a position, for each of width / 2 pairs.
    let radians: [Double]

    init(_ rope: RotaryEmbedding) {
        pairing = rope.pairing
        radians = (0..<rope.width / 2).map { pair in
            let frequency = pow(rope.theta, -2 * Double(pair) / Double(rope.width))
            switch rope.scaling {
            case .none: return frequency
            case .linear(let factor): return frequency / factor
            case .llama3(let factor, let low, let high, let length):
                return Self.banded(frequency, factor: factor, low: low, high: high, length: length)
            case .factors(let factors): return frequency / Double(factors[pair])
            }
        }
    }

    /// Llama 3.1's bands: high frequencies stay, low ones are divided by `factor`, those between are blended.
    private static func banded(
        _ frequency: Double,
        factor: Double,
        low: Double,
        high: Double,
        length: Double
    ) -> Double {
        let wavelength = 2 * Double.pi / frequency
        if wavelength < length / high { return frequency }
        if wavelength > length / low { return frequency / factor }
        let blend = (length / wavelength - low) / (high - low)
        return (1 - blend) * frequency / factor + blend * frequency
    }

    /// Writes the cosines, then the sines of all pairs at `position`: 2 * radians.count elements.
    @unsafe func write(position: Int, to destination: UnsafeMutablePointer<Float>) {
        for (pair, radians) in radians.enumerated() {
            let angle = Double(position) * radians
            // pair < radians.count; the destination has twice as many elements.
            unsafe destination[pair] = Float(cos(angle))
            unsafe destination[self.radians.count + pair] = Float(sin(angle))
        }
    }

    /// Turns one head in place, by the cosines and sines that `write` gave.
    @unsafe func turn(_ head: UnsafeMutablePointer<Float>, by angles: UnsafePointer<Float>) {
        let count = radians.count
        // A head has at least 2 * count elements, and angles has as many.
        switch pairing {
        case .half:
            for pair in 0..<count {
                let (first, second) = unsafe (head[pair], head[pair + count])
                let (cosine, sine) = unsafe (angles[pair], angles[pair + count])
                unsafe head[pair] = first * cosine - second * sine
                unsafe head[pair + count] = second * cosine + first * sine
            }
        }
    }
}
