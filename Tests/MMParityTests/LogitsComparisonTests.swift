import MMParity
import Testing

@Suite struct LogitsComparisonTests {
    private func position(_ base: [Float], _ other: [Float], next: UInt32? = nil) -> PositionComparison {
        PositionComparison(base: base.span, other: other.span, next: next)
    }

    @Test func divergenceAndLossAreThoseOfTheDistributions() {
        // p = (1/4, 3/4), q = (1/2, 1/2): 1/4 log(1/2) + 3/4 log(3/2).
        let found = position([0, 1.098_612_3], [5, 5], next: 1)
        #expect(abs(found.divergence - 0.130_812) < 1e-6)
        #expect(abs((found.baseLoss ?? 0) - 0.287_682) < 1e-6)
        #expect(abs((found.otherLoss ?? 0) - 0.693_147) < 1e-6)
        #expect(!found.agrees)
        #expect(abs(found.maximumDifference - 5) < 1e-6)
        #expect(!found.isBitEqual)
    }

    @Test func equalLogitsDivergeByNothing() {
        let logits = (0..<1000).map { Float($0 % 37) * 0.7 }
        let found = position(logits, logits, next: 3)
        #expect(found.divergence == 0 && found.maximumDifference == 0 && found.isBitEqual && found.agrees)
        #expect(found.baseLoss == found.otherLoss)
    }

    @Test func ashiftOfAllLogitsChangesNoProbability() {
        let found = position([1, 2, 3], [101, 102, 103])
        #expect(found.divergence < 1e-6 && found.divergence >= 0)
        #expect(found.agrees && !found.isBitEqual)
    }

    @Test func impossibleTokensCountForNothingInTheBaseAndForAllInTheOther() {
        #expect(position([0, -.infinity], [0, 0]).divergence.isFinite)
        #expect(position([0, 0], [0, -.infinity]).divergence == .infinity)
    }

    @Test func notANumberIsNotHidden() throws {
        for (base, other) in [([1, .nan], [1, 2]), ([1, 2], [.nan, 2]), ([.nan, 1], [.nan, 1])] as [([Float], [Float])]
        {
            let found = position(base, other)
            #expect(found.divergence.isNaN && found.maximumDifference.isNaN)
            let summary = try LogitsComparison([position([1, 2], [1, 2]), found])
            #expect(summary.meanDivergence.isNaN && summary.maximumDivergence.isNaN)
            let limits = BehaviourLimits(maximumMeanDivergence: 1000)
            #expect(!limits.violations(of: summary).isEmpty)
        }
    }

    @Test func percentilesAreNearestRanks() throws {
        // Two equally likely tokens against a tilt that grows: divergences in ascending order of the index.
        let positions = (1...200).map { position([0, 0], [0, Float($0) / 50]) }
        let found = try LogitsComparison(positions.shuffled())
        #expect(found.positionCount == 200)
        #expect(found.medianDivergence == positions[99].divergence)
        #expect(found.percentile99Divergence == positions[197].divergence)
        #expect(found.maximumDivergence == positions[199].divergence)
        #expect(try LogitsComparison([positions[4]]).medianDivergence == positions[4].divergence)
    }

    @Test func perplexityIsOverThePositionsWithATokenToCome() throws {
        let found = try LogitsComparison([
            position([0, 0], [0, 0], next: 0), position([0, 0, 0, 0], [0, 0, 0, 0], next: 3),
            position([9, 0], [9, 0]),
        ])
        #expect(found.scoredCount == 2)
        #expect(abs(found.basePerplexity - 8.0.squareRoot()) < 1e-12)
    }

    @Test func nothingToCompareIsAnError() {
        #expect(throws: ParityError(.noTokens)) { try LogitsComparison([]) }
    }
}
