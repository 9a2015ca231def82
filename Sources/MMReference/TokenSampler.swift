#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Chooses the next token: the likeliest at temperature 0, else one drawn from softmax(logits / temperature).
///
/// The same seed and logits give the same tokens.
package struct TokenSampler: Sendable {
    package let temperature: Double
    private var generator: SplitMix64

    /// - Parameter temperature: not negative.
    package init(temperature: Double = 0, seed: UInt64 = 0) {
        precondition(temperature >= 0)
        self.temperature = temperature
        generator = SplitMix64(seed: seed)
    }

    /// The id of the next token; of equal logits the lowest id, and NaN is never chosen before a number.
    package mutating func next(_ logits: Span<Float>) -> UInt32 {
        let best = Self.indexOfMaximum(logits)
        guard temperature > 0, !logits.isEmpty else { return UInt32(best) }
        let maximum = Double(logits[best])
        var weights: [Double] = []
        weights.reserveCapacity(logits.count)
        var sum = 0.0
        for index in logits.indices {
            let weight = exp((Double(logits[index]) - maximum) / temperature)
            sum += weight.isNaN ? 0 : weight
            weights.append(sum)
        }
        let drawn = generator.nextUnit() * sum
        return UInt32(weights.firstIndex { $0 > drawn } ?? best)
    }

    /// The first index of the largest number; 0 when there is none above -infinity.
    package static func indexOfMaximum(_ values: Span<Float>) -> Int {
        var (best, maximum) = (0, -Float.infinity)
        for index in values.indices where values[index] > maximum { (best, maximum) = (index, values[index]) }
        return best
    }
}
