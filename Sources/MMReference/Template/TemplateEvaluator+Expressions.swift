internal import MMBytes

extension TemplateEvaluator {
    mutating func evaluate(_ expression: TemplateExpression) throws(TemplateError) -> TemplateValue {
        try enter(expression.position)
        let value = try value(of: expression)
        depth -= 1
        return value
    }

    private mutating func value(of expression: TemplateExpression) throws(TemplateError) -> TemplateValue {
        switch expression.kind {
        case .literal(let value): return value
        case .name(let name): return value(of: name)
        case .list(let elements): return try list(try evaluate(elements))
        case .tuple(let elements): return try tuple(try evaluate(elements))
        case .dictionary(let keys, let values): return try dictionary(keys, values, at: expression.position)
        case .attribute(let owner, let name):
            let owner = try evaluate(owner)
            position = expression.position
            return try attribute(name, of: owner)
        case .subscripted(let owner, let key):
            let owner = try evaluate(owner)
            let key = try evaluate(key)
            position = expression.position
            return try element(key, of: owner)
        case .slice(let owner, let start, let stop, let step):
            let owner = try evaluate(owner)
            let bounds = [try bound(start), try bound(stop), try bound(step)]
            position = expression.position
            return try slice(of: owner, start: bounds[0], stop: bounds[1], step: bounds[2])
        case .call(let callee, let call):
            let callee = try evaluate(callee)
            let arguments = try evaluate(call)
            position = expression.position
            return try self.call(callee, arguments)
        case .filter(let value, let call):
            let value = try evaluate(value)
            let arguments = try evaluate(call)
            position = expression.position
            return try filter(call.name, value, arguments)
        case .test(let value, let call):
            let value = try evaluate(value)
            let arguments = try evaluate(call)
            position = expression.position
            return .bool(try test(call.name, value, arguments))
        default: return try operation(expression)
        }
    }

    private mutating func operation(_ expression: TemplateExpression) throws(TemplateError) -> TemplateValue {
        switch expression.kind {
        case .not(let value): return .bool(!(try evaluate(value).isTrue))
        case .negative(let value):
            let value = try evaluate(value)
            position = expression.position
            return try calculate(.subtract, .integer(0), value, isSign: true)
        case .positive(let value):
            let value = try evaluate(value)
            position = expression.position
            return try calculate(.add, .integer(0), value, isSign: true)
        case .arithmetic(let operation, let left, let right):
            let left = try evaluate(left)
            let right = try evaluate(right)
            position = expression.position
            return try calculate(operation, left, right)
        case .comparison(let first, let rest): return .bool(try compare(first, rest, at: expression.position))
        case .concatenation(let parts):
            var bytes: [UInt8] = []
            for value in try evaluate(parts) {
                let part = try text(of: value)
                try spend(bytes: part.count)
                bytes += part
            }
            return .string(ByteString(bytes))
        case .and(let left, let right):
            let left = try evaluate(left)
            return left.isTrue ? try evaluate(right) : left
        case .or(let left, let right):
            let left = try evaluate(left)
            return left.isTrue ? left : try evaluate(right)
        case .conditional(let condition, let then, let otherwise):
            if try evaluate(condition).isTrue { return try evaluate(then) }
            return try otherwise.map { (value) throws(TemplateError) in try evaluate(value) }
                ?? .undefined("the value of an \"if\" without an \"else\"")
        default: throw unsupported("this expression")
        }
    }

    private mutating func evaluate(_ expressions: [TemplateExpression]) throws(TemplateError) -> [TemplateValue] {
        var values: [TemplateValue] = []
        values.reserveCapacity(expressions.count)
        for expression in expressions { values.append(try evaluate(expression)) }
        return values
    }

    private mutating func evaluate(_ call: TemplateCall) throws(TemplateError) -> TemplateArguments {
        var arguments = TemplateArguments(positional: try evaluate(call.positional))
        for argument in call.named { arguments.named.append((argument.name, try evaluate(argument.value))) }
        return arguments
    }

    private mutating func dictionary(
        _ keys: [TemplateExpression],
        _ values: [TemplateExpression],
        at position: TemplatePosition
    ) throws(TemplateError) -> TemplateValue {
        var dictionary = TemplateDictionary()
        for (key, value) in zip(keys, values) {
            let key = try evaluate(key)
            let value = try evaluate(value)
            self.position = position
            try set(key, in: &dictionary, to: value)
        }
        return .dictionary(dictionary)
    }

    private mutating func bound(_ expression: TemplateExpression?) throws(TemplateError) -> Int? {
        guard let expression else { return nil }
        let value = try evaluate(expression)
        if case .null = value { return nil }
        guard let integer = value.integer else { throw wrongType("a slice", value) }
        return integer
    }

    private mutating func compare(
        _ first: TemplateExpression,
        _ rest: [(TemplateExpression.Comparison, TemplateExpression)],
        at position: TemplatePosition
    ) throws(TemplateError) -> Bool {
        var left = try evaluate(first)
        for (comparison, expression) in rest {
            let right = try evaluate(expression)
            self.position = position
            guard try compare(comparison, left, right) else { return false }
            left = right
        }
        return true
    }
}
