internal import MMBytes

extension ConnectorDescription {
    init(_ value: JSONValue, place: String) throws(DescriptionError) {
        var object = try StrictObject(value, place: place)
        isAssumed = object.takeIfPresent("assumed") == true
        groups = try Self.groups(try object.elements("ops"), place: object.place(of: "ops"))
        deepStack = try object.takeIfPresent("deepstack").map { value throws(DescriptionError) in
            var object = try StrictObject(value, place: "\(place).deepstack")
            let deepStack = DeepStack(
                count: try object.expression("count"),
                steps: try Self.steps(try object.elements("ops"), isRepeated: true, place: object.place(of: "ops"))
            )
            try object.finish()
            try Self.checkSelects(deepStack.steps.first, place: "\(place).deepstack.ops[0]")
            return deepStack
        }
        try object.finish()
        try Self.checkSelects(groups.first?.steps.first, place: "\(place).ops[0]")
    }

    private static func checkSelects(_ first: Step?, place: String) throws(DescriptionError) {
        guard first?.kind == .select else {
            throw DescriptionError(.notOneOf([Kind.select.rawValue]), place: "\(place).op")
        }
    }

    private static func groups(_ values: [JSONValue], place: String) throws(DescriptionError) -> [StepGroup] {
        var groups: [StepGroup] = []
        for (index, value) in values.enumerated() {
            let place = "\(place)[\(index)]"
            guard value["repeat"] != nil else {
                groups.append(StepGroup(count: nil, steps: [try step(value, isRepeated: false, place: place)]))
                continue
            }
            var object = try StrictObject(value, place: place)
            var loop = try StrictObject(try object.take("repeat"), place: object.place(of: "repeat"))
            let count = try loop.expression("i")
            try loop.finish()
            let steps = try steps(try object.elements("ops"), isRepeated: true, place: object.place(of: "ops"))
            groups.append(StepGroup(count: count, steps: steps))
            try object.finish()
        }
        return groups
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
        let condition = try object.expressionIfPresent("when")
        var arguments: [String: Expression] = [:]
        for name in kind.arguments.required { arguments[name] = try object.expression(name) }
        for name in kind.arguments.optional { arguments[name] = try object.expressionIfPresent(name) }
        try object.finish()
        return Step(kind: kind, weights: weights, condition: condition, arguments: arguments)
    }
}
