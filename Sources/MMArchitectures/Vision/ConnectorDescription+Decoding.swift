internal import MMBytes

extension ConnectorDescription {
    init(_ value: JSONValue, place: String) throws(DescriptionError) {
        var object = try StrictObject(value, place: place)
        steps = try Self.steps(try object.elements("ops"), isRepeated: false, place: object.place(of: "ops"))
        deepStack = try object.takeIfPresent("deepstack").map { value throws(DescriptionError) in
            var object = try StrictObject(value, place: "\(place).deepstack")
            let deepStack = DeepStack(
                count: try object.expression("count"),
                steps: try Self.steps(try object.elements("ops"), isRepeated: true, place: object.place(of: "ops"))
            )
            try object.finish()
            return deepStack
        }
        try object.finish()
    }

    private static func steps(
        _ values: [JSONValue],
        isRepeated: Bool,
        place: String
    ) throws(DescriptionError) -> [Step] {
        var steps: [Step] = []
        for (index, value) in values.enumerated() {
            steps.append(try step(value, isRepeated: isRepeated, place: "\(place)[\(index)]"))
        }
        guard steps.first?.kind == .select else {
            throw DescriptionError(.notOneOf([Kind.select.rawValue]), place: "\(place)[0].op")
        }
        return steps
    }

    private static func step(_ value: JSONValue, isRepeated: Bool, place: String) throws(DescriptionError) -> Step {
        var object = try StrictObject(value, place: place)
        let kind: Kind = try object.choice("op")
        var weights: NameTemplate?
        if kind.hasWeights {
            let name = ByteString(try object.string("weights"))
            let template = try StrictObject.template(name, place: object.place(of: "weights"))
            guard template.hasLayer == isRepeated else {
                throw DescriptionError(.badTemplate(template.text), place: object.place(of: "weights"))
            }
            weights = template
        }
        var arguments: [String: Expression] = [:]
        for name in kind.arguments.required { arguments[name] = try object.expression(name) }
        for name in kind.arguments.optional { arguments[name] = try object.expressionIfPresent(name) }
        try object.finish()
        return Step(kind: kind, weights: weights, arguments: arguments)
    }
}
