internal import MMParity

/// What a bundle may lose on right answers to questions about drawn pictures: the probabilities of a trained model are
/// so sure there that a damage shows which a text of all kinds would hide.
package struct AnswerLimits: Sendable, Hashable {
    /// Largest mean Kullback-Leibler divergence, in nats a token. The perplexity may grow by as much: of a right answer,
    /// its logarithm is a mean too.
    package var maximumMeanDivergence: Double?
    /// Every logit equal, bit for bit.
    package var requiresExact = false

    /// How much the logarithm of the perplexity may grow, as a multiple of the divergence that is allowed.
    private static let perplexityShare = 2.0

    func violations(of comparison: LogitsComparison) -> [String] {
        var violations: [String] = []
        // Written so that NaN is a violation.
        if let allowed = maximumMeanDivergence {
            if !(comparison.meanDivergence <= allowed) {
                violations.append(
                    "mean KL divergence on right answers is \(comparison.meanDivergence); at most \(allowed) is allowed"
                )
            }
            let growth = comparison.otherPerplexity / comparison.basePerplexity - 1
            if !(growth <= allowed * Self.perplexityShare) {
                violations.append(
                    "the perplexity of right answers grows by \(growth * 100) %; at most "
                        + "\(allowed * Self.perplexityShare * 100) % is allowed"
                )
            }
        }
        if requiresExact, !comparison.isBitEqual {
            let unequal = comparison.positionCount - comparison.bitEqualCount
            violations.append("logits differ at \(unequal) of \(comparison.positionCount) tokens of right answers")
        }
        return violations
    }
}
