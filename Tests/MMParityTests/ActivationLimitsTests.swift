import MMParity
import Testing

@Suite struct ActivationLimitsTests {
    /// One token of two elements, (1, 1) against (1, 1 + `error`).
    private static func comparison(_ name: String, _ error: Float) -> FeatureComparison {
        var comparison = FeatureComparison(name: name)
        let (base, other): ([Float], [Float]) = ([1, 1], [1, 1 + error])
        comparison.add(base: base.span, other: other.span, width: 2)
        return comparison
    }

    private static func comparisons(_ names: [String], _ error: Float = 0) -> [FeatureComparison] {
        names.map { comparison($0, error) }
    }

    @Test func departureIsTheMeanOverTokens() {
        var comparison = FeatureComparison(name: "text.layer.0")
        // A token of large values counts no more than the other.
        let base: [Float] = [3000, 4000, 3, 4]
        let other: [Float] = [3000, 4000, 3, 3]
        comparison.add(base: base.span, other: other.span, width: 2)
        #expect(comparison.meanDeparture == 0.1)
        #expect(comparison.relativeDifference == 1.0 / 4000)
    }

    @Test func errorsOfLayersAddUpAsSquares() {
        let limits = ActivationLimits(tensorError: 0.1, exactParts: [.vision, .connector])
        let names = [
            "vision.embed", "connector.out", "text.embed", "text.layer.0", "text.layer.7", "text.norm", "logits",
        ]
        let found = limits.limits(of: Self.comparisons(names))
        #expect(found[0] == 0 && found[1] == 0)
        #expect(abs((found[2] ?? 0) - 0.15) < 1e-12)
        #expect(abs((found[3] ?? 0) - 0.15 * 1.125.squareRoot()) < 1e-12)
        #expect(abs((found[4] ?? 0) - 0.15 * 2.0.squareRoot()) < 1e-12)
        #expect(found[5] == found[4])
        #expect(found[6] == nil)
    }

    /// What a part is given has the errors of those before it.
    @Test func errorsOfPartsAddUpToo() {
        let limits = ActivationLimits(tensorError: 0.1)
        let found = limits.limits(of: Self.comparisons(["vision.layer.3", "connector.out", "text.embed"]))
        #expect(abs((found[1] ?? 0) - 0.15 * (1 + 5.0 / 8).squareRoot()) < 1e-12)
        #expect(abs((found[2] ?? 0) - 0.15 * (1 + 6.0 / 8).squareRoot()) < 1e-12)
    }

    @Test func theFirstOverItsLimitIsNamed() throws {
        let limits = ActivationLimits(tensorError: 0.1, exactParts: [.vision])
        let good = [Self.comparison("vision.embed", 0), Self.comparison("text.embed", 0.1)]
        #expect(limits.violation(of: good) == nil)
        let bad = good + [Self.comparison("text.layer.0", 0.5), Self.comparison("text.layer.1", 0.5)]
        let violation = try #require(limits.violation(of: bad))
        #expect(violation.hasPrefix("text.layer.0 is the first") && violation.hasSuffix("; 1 more exceed theirs"))
        let inexact = [Self.comparison("vision.embed", 1e-6)] + good
        #expect(limits.violation(of: inexact)?.hasPrefix("vision.embed is the first") == true)
        #expect(limits.violation(of: [Self.comparison("text.embed", .nan)]) != nil)
    }

    @Test func anActivationOfAnotherSizeIsOverAnyLimit() {
        var comparison = FeatureComparison(name: "text.layer.0")
        let (base, other): ([Float], [Float]) = ([1, 1], [1])
        comparison.add(base: base.span, other: other.span, width: 2)
        #expect(ActivationLimits(tensorError: nil, maximumDeparture: 10).violation(of: [comparison]) != nil)
        #expect(ActivationLimits(tensorError: nil).violation(of: [comparison]) == nil)
    }
}
