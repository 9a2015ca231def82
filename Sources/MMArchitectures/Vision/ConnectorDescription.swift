internal import MMBytes

/// The steps of a connector as a description has them: what `ConnectorConfiguration` is made of once knobs are known.
struct ConnectorDescription: Sendable, Hashable {
    let groups: [StepGroup]
    let deepStack: DeepStack?
    /// Whether no publication gives the steps.
    let isAssumed: Bool

    /// Steps one after another, once or several times, each time with the number `i`.
    struct StepGroup: Sendable, Hashable {
        let count: Expression?
        let steps: [Step]
    }

    /// How many lists of steps there are beside the connector's own; they see the number `i` of the list.
    struct DeepStack: Sendable, Hashable {
        let count: Expression
        let steps: [Step]
    }

    /// One operation: a choice, the weights that it has, and what it is told in expressions.
    struct Step: Sendable, Hashable {
        let kind: Kind
        let weights: NameTemplate?
        /// The step is taken only where this holds.
        let condition: Expression?
        let arguments: [String: Expression]

        var expressions: [Expression] { arguments.values + [condition].compactMap(\.self) }
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
        case regionBlock = "region_block"
        case append
        case attentionPool = "attention_pool"
    }

    /// Those that see knobs alone.
    var expressions: [Expression] {
        groups.filter { $0.count == nil }.flatMap { $0.steps.flatMap(\.expressions) }
            + groups.compactMap(\.count) + [deepStack?.count].compactMap(\.self)
    }

    /// Those that see `i` too.
    var repeatedExpressions: [Expression] {
        let steps = groups.filter { $0.count != nil }.flatMap(\.steps) + (deepStack?.steps ?? [])
        return steps.flatMap(\.expressions)
    }
}

extension ConnectorDescription.Kind {
    var hasWeights: Bool {
        switch self {
        case .addPosition, .linear, .norm, .regionBlock, .append, .attentionPool: true
        case .select, .activation, .averagePool, .adaptivePool, .pixelShuffle, .merge: false
        }
    }

    /// What the operation is told: what it must be, then what it may be.
    var arguments: (required: [String], optional: [String]) {
        switch self {
        case .select: ([], ["layer", "drop_class"])
        case .addPosition: (["count"], ["skip", "interpolation"])
        case .linear: (["width", "bias"], ["transposed"])
        case .activation: (["f"], [])
        case .norm: (["norm", "eps"], ["offset"])
        case .averagePool, .adaptivePool, .pixelShuffle, .merge: (["side"], [])
        case .regionBlock: (["width", "squeezed", "eps"], [])
        case .append: (["count"], [])
        case .attentionPool: (["count", "layers", "heads", "inner", "eps", "inner_eps"], [])
        }
    }
}
