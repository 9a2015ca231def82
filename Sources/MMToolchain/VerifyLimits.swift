internal import MMBytes
package import MMParity

/// What a bundle may lose, by the recipe that made it.
///
/// The figures leave about a factor of two to what the recipes measure on SmolLM2-135M (docs/quantization.md), those of
/// answers a factor of ten to mm1-nano and mm1-nano-moe: mean KL q8 1e-5, q5 2e-5, q4 1.5e-4, q4_0 1.1e-4.
package struct VerifyLimits: Sendable, Hashable {
    package var behaviour: BehaviourLimits
    /// Root-mean-square error of a tensor relative to its root mean square.
    package var maximumRelativeError: Double?
    /// On the right answers to questions about drawn pictures.
    package var answers: AnswerLimits
    /// Largest mean departure of an activation, where the user gave one; else it follows from the relative error.
    package var maximumDeparture: Double?

    func activations(exactParts: Set<ActivationLimits.Part>) -> ActivationLimits {
        ActivationLimits(
            tensorError: maximumRelativeError,
            maximumDeparture: maximumDeparture,
            exactParts: behaviour.requiresExact ? Set(ActivationLimits.Part.allCases) : exactParts
        )
    }

    /// Limits of a recipe; those of q4_0, the coarsest, for one that this version does not know.
    package static func recipe(_ name: String) -> VerifyLimits {
        switch name {
        case Provenance.losslessRecipe: VerifyLimits(behaviour: .lossless, answers: AnswerLimits(requiresExact: true))
        case "q8", "q8_0": limits(divergence: 0.005, agreement: 0.95, error: 0.015, answers: 0.0001)
        case "q5": limits(divergence: 0.15, agreement: 0.75, error: 0.1, answers: 0.001)
        case "q5_1", "q5_0": limits(divergence: 0.2, agreement: 0.7, error: 0.1, answers: 0.002)
        case "q4": limits(divergence: 0.4, agreement: 0.6, error: 0.16, answers: 0.002)
        default: limits(divergence: 0.8, agreement: 0.5, error: 0.2, answers: 0.005)
        }
    }

    private static func limits(
        divergence: Double,
        agreement: Double,
        error: Double,
        answers: Double
    ) -> VerifyLimits {
        VerifyLimits(
            behaviour: BehaviourLimits(maximumMeanDivergence: divergence, minimumTopAgreement: agreement),
            maximumRelativeError: error,
            answers: AnswerLimits(maximumMeanDivergence: answers)
        )
    }

    /// The same limits with those that the user gave in their place.
    package func replacing(with options: VerifyOptions) -> VerifyLimits {
        var limits = self
        if let divergence = options.maximumDivergence { limits.behaviour.maximumMeanDivergence = divergence }
        if let agreement = options.minimumAgreement { limits.behaviour.minimumTopAgreement = agreement }
        if let departure = options.maximumDeparture { limits.maximumDeparture = departure }
        return limits
    }

    var json: JSONValue {
        guard case .object(let members) = behaviour.json else { return behaviour.json }
        func number(_ limit: Double?) -> JSONValue { limit.map { .number($0) } ?? .null }
        return .object(
            members + [
                JSONMember(name: "max_relative_rmse", value: number(maximumRelativeError)),
                JSONMember(name: "max_departure", value: number(maximumDeparture)),
            ]
        )
    }
}
