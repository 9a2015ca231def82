import MMParity
import MMQuantization
import MMToolchain
import Testing

@Suite struct VerifyLimitsTests {
    @Test(arguments: QuantizationRecipe.all.map(\.name)) func everyRecipeHasLimits(recipe: String) {
        let limits = VerifyLimits.recipe(recipe)
        #expect(!limits.behaviour.requiresExact)
        #expect(limits.behaviour.maximumMeanDivergence != nil)
        #expect(limits.behaviour.minimumTopAgreement != nil)
        #expect(limits.maximumRelativeError != nil)
    }

    @Test func losslessMustBeExact() {
        #expect(VerifyLimits.recipe("lossless").behaviour.requiresExact)
    }

    @Test func theUsersLimitsReplaceTheRecipes() {
        var options = VerifyOptions(width: 1)
        options.maximumDivergence = 0.5
        let limits = VerifyLimits.recipe("q8").replacing(with: options)
        #expect(limits.behaviour.maximumMeanDivergence == 0.5)
        #expect(limits.behaviour.minimumTopAgreement == VerifyLimits.recipe("q8").behaviour.minimumTopAgreement)
    }
}
