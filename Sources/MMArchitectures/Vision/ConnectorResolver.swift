internal import MMBytes

/// Evaluates the steps of a connector.
struct ConnectorResolver {
    let description: ConnectorDescription
    /// Layers of the tower, for layers that are counted from the end.
    let layerCount: Int
    /// Of the description that the connector is of, for errors.
    let architecture: String
    /// What a knob is; the names were checked when the description was read.
    let knob: (String) -> KnobValue?

    /// Most lists of steps of a deep stack, a decoder having no more layers, and most times that steps are repeated.
    private static let repeatLimit = 1 << 10

    func configuration() throws(ArchitectureError) -> ConnectorConfiguration {
        var configuration = ConnectorConfiguration(operations: try operations(description.groups))
        guard let deepStack = description.deepStack else { return configuration }
        let count = try evaluated("deepstack.count") { value throws(ExpressionError) in
            try deepStack.count.count(value)
        }
        guard count <= Self.repeatLimit else { throw error("deepstack.count", "\(count) are too many") }
        for index in 0..<count {
            configuration.deepStack.append(try operations(deepStack.steps, index: index))
        }
        return configuration
    }

    private func operations(_ groups: [ConnectorDescription.StepGroup]) throws(ArchitectureError)
        -> [ConnectorOperation]
    {
        var operations: [ConnectorOperation] = []
        for group in groups {
            guard let count = group.count else {
                operations += try self.operations(group.steps, index: nil)
                continue
            }
            let times = try evaluated("repeat") { value throws(ExpressionError) in try count.count(value) }
            guard times <= Self.repeatLimit else { throw error("repeat", "\(times) times are too many") }
            for index in 0..<times { operations += try self.operations(group.steps, index: index) }
        }
        return operations
    }

    private func operations(
        _ steps: [ConnectorDescription.Step],
        index: Int?
    ) throws(ArchitectureError) -> [ConnectorOperation] {
        var operations: [ConnectorOperation] = []
        for step in steps {
            let reader = StepReader(resolver: self, step: step, index: index)
            if try reader.isTaken { operations.append(try operation(reader)) }
        }
        return operations
    }

    private func operation(_ reader: StepReader) throws(ArchitectureError) -> ConnectorOperation {
        switch reader.step.kind {
        case .select: .select(try features(reader), dropsClassToken: try reader.flag("drop_class"))
        case .addPosition:
            .addPosition(
                weights: reader.weights,
                count: try reader.count("count"),
                skip: Int(exactly: try reader.number("skip") ?? 0) ?? -1,
                interpolation: reader.step.arguments["interpolation"] == nil
                    ? .none
                    : try reader.choice("interpolation", of: "an interpolation") {
                        VisionConfiguration.Interpolation(rawValue: $0)
                    }
            )
        case .linear:
            .linear(
                weights: reader.weights,
                outputWidth: try reader.count("width"),
                hasBias: try reader.flag("bias"),
                isTransposed: try reader.flag("transposed")
            )
        case .activation:
            .activation(try reader.choice("f", of: "an activation") { VisionActivation(huggingFaceName: $0) })
        case .norm:
            .norm(
                weights: reader.weights,
                try reader.choice("norm", of: "'layer' or 'rms'") { VisionConfiguration.Norm(rawValue: $0) },
                epsilon: try reader.number("eps") ?? 0,
                offset: try reader.number("offset") ?? 0
            )
        case .averagePool: .averagePool(side: try reader.count("side"))
        case .adaptivePool: .adaptivePool(side: try reader.count("side"))
        case .pixelShuffle: .pixelShuffle(side: try reader.count("side"))
        case .merge: .merge(side: try reader.count("side"))
        case .regionBlock:
            .regionBlock(
                weights: reader.weights,
                outputWidth: try reader.count("width"),
                squeezedWidth: try reader.count("squeezed"),
                epsilon: try reader.number("eps") ?? 0
            )
        case .append: .append(weights: reader.weights, count: try reader.count("count"))
        case .attentionPool:
            .attentionPool(
                weights: reader.weights,
                AttentionPoolConfiguration(
                    queryCount: try reader.count("count"),
                    layerCount: try reader.count("layers"),
                    headCount: try reader.count("heads"),
                    innerWidth: try reader.count("inner"),
                    epsilon: try reader.number("eps") ?? 0,
                    innerEpsilon: try reader.number("inner_eps") ?? 0
                )
            )
        }
    }

    /// The output, or transformers' hidden states: a number, or a list of them, counted from the end where negative.
    private func features(_ reader: StepReader) throws(ArchitectureError) -> [VisionFeature] {
        let layers: [KnobValue]
        switch try reader.value("layer") {
        case nil, .some(KnobValue.none): return [.output]
        case .list(let list): layers = list
        case .some(let single): layers = [single]
        }
        var features: [VisionFeature] = []
        for layer in layers {
            let index = layer.integer.map { $0 < 0 ? layerCount + 1 + $0 : $0 }
            guard let index, index >= 0, index <= layerCount else {
                throw error("layer", "\(layer) is none of the \(layerCount) layers")
            }
            features.append(.layer(index))
        }
        guard !features.isEmpty else { throw error("layer", "there is none") }
        return features
    }

    func evaluated<Value>(
        _ name: String,
        index: Int? = nil,
        _ body: ((String) -> KnobValue?) throws(ExpressionError) -> Value
    ) throws(ArchitectureError) -> Value {
        do throws(ExpressionError) {
            return try body { $0 == "i" ? index.map { .number(Double($0)) } : knob($0) }
        } catch {
            throw ArchitectureError(.expression(error), architecture: architecture, subject: ByteString(name))
        }
    }

    @inline(never)
    func error(_ name: String, _ text: String) -> ArchitectureError {
        ArchitectureError(.contradiction(text), architecture: architecture, subject: ByteString("connector's \(name)"))
    }
}

/// What one step is told.
private struct StepReader {
    let resolver: ConnectorResolver
    let step: ConnectorDescription.Step
    /// Of a deep stack's list.
    let index: Int?

    var weights: String { step.weights?.filled(layer: index).description ?? "" }

    var isTaken: Bool {
        get throws(ArchitectureError) {
            guard let condition = step.condition else { return true }
            return try resolver.evaluated("when", index: index) { value throws(ExpressionError) in
                try condition.flag(value)
            }
        }
    }

    /// Nil for what the step is not told.
    func value(_ name: String) throws(ArchitectureError) -> KnobValue? {
        guard let expression = step.arguments[name] else { return nil }
        return try resolver.evaluated(name, index: index) { value throws(ExpressionError) in
            try expression.evaluate(value)
        }
    }

    func count(_ name: String) throws(ArchitectureError) -> Int {
        guard let count = try value(name)?.integer, count > 0 else {
            throw resolver.error(name, "is not a positive whole number")
        }
        return count
    }

    /// False for what the step is not told.
    func flag(_ name: String) throws(ArchitectureError) -> Bool {
        switch try value(name) {
        case nil: false
        case .flag(let flag): flag
        default: throw resolver.error(name, "is neither true nor false")
        }
    }

    func number(_ name: String) throws(ArchitectureError) -> Double? {
        switch try value(name) {
        case nil: nil
        case .number(let number): number
        default: throw resolver.error(name, "is not a number")
        }
    }

    func choice<Choice>(
        _ name: String,
        of choices: String,
        _ make: (String) -> Choice?
    ) throws(ArchitectureError) -> Choice {
        guard case .text(let text) = try value(name), let choice = make(text.string) else {
            throw resolver.error(name, "is not \(choices)")
        }
        return choice
    }
}
