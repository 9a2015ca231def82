import MMParity
import MMReference
import MMTestSupport
import Testing

@Suite struct BehaviourComparatorTests {
    private let tokens = SeededTokens.ids(count: 150, vocabularyCount: 96, seed: 2)

    @Test func aModelAgreesWithItselfBitForBit() throws {
        let decoder = try TinyModel.decoder()
        var told = 0
        let found = try BehaviourComparator(base: decoder, other: TinyModel.decoder(), windowLength: 64)
            .compare(tokens) { told += $0 }
        #expect(found.isBitEqual && found.positionCount == 150)
        #expect(found.meanDivergence == 0 && found.topAgreement == 1 && found.maximumLogitDifference == 0)
        #expect(found.basePerplexity == found.otherPerplexity)
        // The last position of each of three windows predicts nothing.
        #expect(found.scoredCount == 147)
        #expect(told == 150)
        #expect(BehaviourLimits.lossless.violations(of: found).isEmpty)
    }

    @Test func moreNoiseMeansMoreDivergence() throws {
        let base = try TinyModel.decoder()
        let found = try [0.001, 0.01, 0.1].map { noise in
            try BehaviourComparator(base: base, other: TinyModel.decoder(noise: noise)).compare(tokens)
        }
        #expect(found[0].meanDivergence > 0)
        #expect(found[1].meanDivergence > 10 * found[0].meanDivergence)
        #expect(found[2].meanDivergence > 10 * found[1].meanDivergence)
        #expect(found.allSatisfy { $0.basePerplexity == found[0].basePerplexity })
        let limits = BehaviourLimits(maximumMeanDivergence: found[1].meanDivergence)
        #expect(found.map { limits.violations(of: $0).isEmpty } == [true, true, false])
        #expect(!BehaviourLimits.lossless.violations(of: found[0]).isEmpty)
        #expect(!BehaviourLimits(minimumTopAgreement: 1).violations(of: found[2]).isEmpty)
    }

    @Test func threadsDoNotChangeTheReport() throws {
        let reports = try [1, 3].map { threadCount in
            try BehaviourComparator(
                base: TinyModel.decoder(threadCount: threadCount),
                other: TinyModel.decoder(noise: 0.02, threadCount: threadCount)
            ).compare(tokens)
        }
        #expect(reports[0] == reports[1])
        #expect(reports[0].json == reports[1].json)
    }

    @Test func aTokenOutsideTheVocabularyIsAnErrorWhereverItStands() throws {
        let decoder = try TinyModel.decoder()
        let comparator = try BehaviourComparator(base: decoder, other: decoder)
        for place in [0, 64, 149] {
            var wrong = tokens
            wrong[place] = 96
            #expect(throws: ReferenceError(.tokenOutOfRange(id: 96, position: place, vocabularyCount: 96))) {
                try comparator.compare(wrong)
            }
        }
        #expect(throws: ParityError(.noTokens)) { try comparator.compare([1]) }
    }
}
