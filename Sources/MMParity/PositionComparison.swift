internal import CKernels
internal import MMReference

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// What two models say of the next token at one position, in nats.
package struct PositionComparison: Sendable, Hashable {
    /// Kullback-Leibler divergence of the other model's distribution from the base's, over the whole vocabulary.
    package let divergence: Double
    /// Minus the logarithm of the probability that each gives the token that follows; nil where none does.
    package let baseLoss: Double?
    package let otherLoss: Double?
    /// Whether both find the same token likeliest.
    package let agrees: Bool
    /// The largest absolute difference of two logits.
    package let maximumDifference: Double
    /// The largest magnitude of the base's logits; 0 where all are NaN.
    package let largestMagnitude: Double
    /// Logits that differ in a bit.
    package let unequalCount: Int

    package var isBitEqual: Bool { unequalCount == 0 }

    /// - Parameters:
    ///   - base, other: logits, one an entry of the vocabulary, equally many.
    ///   - next: the token that follows, within the vocabulary.
    package init(base: Span<Float>, other: Span<Float>, next: UInt32?) {
        precondition(base.count == other.count)
        let (baseSum, otherSum) = (Self.logSumExp(base), Self.logSumExp(other))
        var (divergence, maximum, unequal, hasNaN) = (0.0, 0.0, 0, false)
        var largest: Float = 0
        for index in base.indices {
            let (first, second) = (base[index], other[index])
            largest = max(largest, abs(first))
            if first.bitPattern == second.bitPattern {
                hasNaN = hasNaN || first.isNaN
            } else {
                unequal += 1
                let difference = abs(Double(first) - Double(second))
                hasNaN = hasNaN || difference.isNaN
                maximum = max(maximum, difference)
            }
            let logarithm = Double(first) - baseSum
            let probability = exp(logarithm)
            // What the base holds impossible adds nothing.
            if probability > 0 { divergence += probability * (logarithm - (Double(second) - otherSum)) }
        }
        // Rounding can take a divergence of nothing below 0; max() would hide NaN.
        self.divergence = hasNaN ? .nan : (unequal == 0 || divergence < 0 ? 0 : divergence)
        maximumDifference = hasNaN ? .nan : maximum
        largestMagnitude = Double(largest)
        unequalCount = unequal
        agrees = TokenSampler.indexOfMaximum(base) == TokenSampler.indexOfMaximum(other)
        baseLoss = next.map { baseSum - Double(base[Int($0)]) }
        otherLoss = next.map { otherSum - Double(other[Int($0)]) }
    }

    /// The logarithm of the sum of the exponentials, in f64.
    package static func logSumExp(_ logits: Span<Float>) -> Double {
        // The buffer is lent for the call, which reads its elements only.
        unsafe logits.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return -.infinity }
            return unsafe mmk_log_sum_exp(base, buffer.count)
        }
    }
}
