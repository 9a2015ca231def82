internal import MMBytes

/// The steps of a connector as a description has them: what `ConnectorConfiguration` is made of once knobs are known.
struct ConnectorDescription: Sendable, Hashable {
    let steps: [Step]
    let deepStack: DeepStack?

    /// How many lists of steps there are beside the connector's own; they see the number `i` of the list.
    struct DeepStack: Sendable, Hashable {
        let count: Expression
        let steps: [Step]
    }

    /// One operation: a choice, the weights that it has, and what it is told in expressions.
    struct Step: Sendable, Hashable {
        let kind: Kind
        let weights: NameTemplate?
        let arguments: [String: Expression]
    }

    enum Kind: String, Sendable, Hashable, CaseIterable {
        case select
        case addPosition = "add_position"
        case linear
        case activation = "act"
        case norm
        case averagePool = "pool"
        case adaptivePool = "adaptive_pool"
        case pixelShuffle = "pixel_shuffle"
        case merge
    }

    var expressions: [Expression] { steps.flatMap(\.arguments.values) + [deepStack?.count].compactMap(\.self) }
    var deepStackExpressions: [Expression] { deepStack?.steps.flatMap(\.arguments.values) ?? [] }
}

extension ConnectorDescription.Kind {
    var hasWeights: Bool {
        switch self {
        case .addPosition, .linear, .norm: true
        case .select, .activation, .averagePool, .adaptivePool, .pixelShuffle, .merge: false
        }
    }

    /// What the operation is told: what it must be, then what it may be.
    var arguments: (required: [String], optional: [String]) {
        switch self {
        case .select: ([], ["layer", "drop_class"])
        case .addPosition: (["count"], [])
        case .linear: (["width", "bias"], ["transposed"])
        case .activation: (["f"], [])
        case .norm: (["norm", "eps"], ["offset"])
        case .averagePool, .adaptivePool, .pixelShuffle, .merge: (["side"], [])
        }
    }
}
