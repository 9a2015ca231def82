package import MMBytes

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// How two models' predictions differ over a text: what a quantized model is judged by. Divergences in nats.
package struct LogitsComparison: Sendable, Hashable {
    /// Positions whose distributions were compared.
    package let positionCount: Int
    /// Positions whose next token is known: what perplexity is the mean over.
    package let scoredCount: Int
    /// exp of the mean loss of the token that follows.
    package let basePerplexity: Double
    package let otherPerplexity: Double
    package let meanDivergence: Double
    /// Of the mean: the standard deviation of a position's divergence over the root of the number of positions.
    package let divergenceStandardError: Double
    package let medianDivergence: Double
    /// The 99th percentile, by nearest rank.
    package let percentile99Divergence: Double
    package let maximumDivergence: Double
    /// Share of positions where both models find the same token likeliest.
    package let topAgreement: Double
    package let maximumLogitDifference: Double
    /// Positions all of whose logits are equal, bit for bit.
    package let bitEqualCount: Int

    package var isBitEqual: Bool { bitEqualCount == positionCount }

    /// Throws `ParityError.noTokens` when there is no position.
    package init(_ positions: [PositionComparison]) throws {
        guard !positions.isEmpty else { throw ParityError(.noTokens) }
        let count = Double(positions.count)
        let baseLosses = positions.compactMap(\.baseLoss)
        let otherLosses = positions.compactMap(\.otherLoss)
        let divergences = positions.map(\.divergence)
        let hasNaN = divergences.contains { $0.isNaN }
        let sorted = hasNaN ? [.nan] : divergences.sorted()
        let mean = divergences.reduce(0, +) / count
        let variance = divergences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / max(count - 1, 1)
        positionCount = positions.count
        scoredCount = baseLosses.count
        basePerplexity = exp(baseLosses.reduce(0, +) / Double(baseLosses.count))
        otherPerplexity = exp(otherLosses.reduce(0, +) / Double(otherLosses.count))
        meanDivergence = mean
        divergenceStandardError = (variance / count).squareRoot()
        medianDivergence = Self.percentile(50, of: sorted)
        percentile99Divergence = Self.percentile(99, of: sorted)
        maximumDivergence = sorted[sorted.count - 1]
        topAgreement = Double(positions.count(where: \.agrees)) / count
        let differences = positions.map(\.maximumDifference)
        maximumLogitDifference = differences.contains { $0.isNaN } ? .nan : differences.max() ?? 0
        bitEqualCount = positions.count(where: \.isBitEqual)
    }

    /// The smallest value that at least `percent` in a hundred do not exceed.
    private static func percentile(_ percent: Int, of sorted: [Double]) -> Double {
        sorted[max((sorted.count * percent + 99) / 100 - 1, 0)]
    }

    package var json: JSONValue {
        [
            "positions": .integer(positionCount),
            "scored": .integer(scoredCount),
            "perplexity_source": .number(basePerplexity),
            "perplexity_bundle": .number(otherPerplexity),
            "kl_mean": .number(meanDivergence),
            "kl_standard_error": .number(divergenceStandardError),
            "kl_median": .number(medianDivergence),
            "kl_p99": .number(percentile99Divergence),
            "kl_max": .number(maximumDivergence),
            "top1_agreement": .number(topAgreement),
            "max_logit_difference": .number(maximumLogitDifference),
            "bit_equal": .integer(bitEqualCount),
        ]
    }
}
