import MMReference
import Testing

@Suite struct TokenSamplerTests {
    @Test func splitMix64GivesItsPublishedSequence() {
        var generator = SplitMix64(seed: 1_234_567)
        let expected: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
        ]
        #expect(expected.map { _ in generator.next() } == expected)
    }

    @Test func temperatureZeroTakesTheFirstOfTheLikeliest() {
        var sampler = TokenSampler()
        #expect(sampler.next(([0, 3, 1, 3] as [Float]).span) == 1)
        #expect(sampler.next(([.nan, -2, -1] as [Float]).span) == 2)
        #expect(sampler.next(([.nan] as [Float]).span) == 0)
        #expect(sampler.next(([-.infinity, -5] as [Float]).span) == 1)
    }

    @Test func oneSeedGivesOneSequence() {
        let logits: [Float] = (0..<50).map { Float($0 % 7) }
        func draw(_ seed: UInt64) -> [UInt32] {
            var sampler = TokenSampler(temperature: 1, seed: seed)
            return (0..<40).map { _ in sampler.next(logits.span) }
        }
        #expect(draw(1) == draw(1))
        #expect(draw(1) != draw(2))
    }

    @Test func tokensComeAsOftenAsTheirProbability() {
        // Probabilities 1/7, 2/7, 4/7, and one that is impossible.
        let logits: [Float] = [0, Float(2.0).logarithm, Float(4.0).logarithm, -.infinity]
        var sampler = TokenSampler(temperature: 1, seed: 9)
        var counts = [0, 0, 0, 0]
        for _ in 0..<7000 { counts[Int(sampler.next(logits.span))] += 1 }
        #expect(abs(counts[0] - 1000) < 120)
        #expect(abs(counts[1] - 2000) < 150)
        #expect(abs(counts[2] - 4000) < 170)
        #expect(counts[3] == 0)
    }

    @Test func aLowTemperatureNearsTheLikeliest() {
        var sampler = TokenSampler(temperature: 1e-6, seed: 5)
        let logits: [Float] = [1, 1.01, 0.5]
        for _ in 0..<50 { #expect(sampler.next(logits.span) == 1) }
    }

    @Test func seededIdsAreWithinTheVocabularyAndAlwaysTheSame() {
        let ids = SeededTokens.ids(count: 1000, vocabularyCount: 320, seed: 7)
        #expect(ids.allSatisfy { $0 < 320 })
        #expect(Set(ids).count > 280)
        #expect(ids == SeededTokens.ids(count: 1000, vocabularyCount: 320, seed: 7))
        #expect(ids != SeededTokens.ids(count: 1000, vocabularyCount: 320, seed: 8))
    }
}

extension Float {
    /// The natural logarithm of 2 and 4, which is all that the tests need.
    fileprivate var logarithm: Float { self == 2 ? 0.693_147_18 : 1.386_294_36 }
}
