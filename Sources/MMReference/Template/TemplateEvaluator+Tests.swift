internal import MMBytes

extension TemplateEvaluator {
    /// A test of jinja2's tests.py.
    mutating func test(
        _ name: ByteString,
        _ value: TemplateValue,
        _ arguments: TemplateArguments
    ) throws(TemplateError) -> Bool {
        if let comparison = Self.comparison(of: name) {
            return try compare(comparison, value, try operand(name, arguments))
        }
        switch name {
        case "divisibleby":
            let divisor = try operand(name, arguments)
            guard case .integer(let remainder) = try calculate(.modulo, value, divisor) else {
                throw wrongType("the test divisibleby", value)
            }
            return remainder == 0
        case "sameas": return try isSame(value, try operand(name, arguments))
        case "odd", "even":
            let rest = try calculate(.modulo, value, .integer(2))
            return try isEqual(rest, .integer(name == "odd" ? 1 : 0))
        case "lower", "upper":
            let text = try soft(value)
            try spend(scalarsOf: text)
            let changed = name == "lower" ? TemplateText.lowercased(text) : TemplateText.uppercased(text)
            return changed == text && TemplateText.scalars(text).contains { $0.properties.isCased }
        default: break
        }
        guard arguments.positional.isEmpty, arguments.named.isEmpty else {
            throw unsupported("that many arguments of the test \(name)")
        }
        return try isOfType(name, value)
    }

    private func isOfType(_ name: ByteString, _ value: TemplateValue) throws(TemplateError) -> Bool {
        switch (name, value) {
        case ("defined", _): return !value.isUndefined
        case ("undefined", _): return value.isUndefined
        case ("none", .null), ("string", .string), ("mapping", .dictionary), ("boolean", .bool): return true
        case ("integer", .integer), ("float", .double): return true
        case ("number", .bool), ("number", .integer), ("number", .double): return true
        case ("true", .bool(let bool)): return bool
        case ("false", .bool(let bool)): return !bool
        case ("sequence", .string), ("sequence", .list), ("sequence", .tuple), ("sequence", .dictionary): return true
        case ("iterable", .string), ("iterable", .list), ("iterable", .tuple), ("iterable", .dictionary): return true
        case ("iterable", .undefined), ("iterable", .loop): return true
        case ("callable", .macro), ("callable", .function), ("callable", .method): return true
        case ("none", _), ("string", _), ("mapping", _), ("boolean", _), ("integer", _), ("float", _), ("number", _),
            ("true", _), ("false", _), ("sequence", _), ("iterable", _), ("callable", _):
            return false
        default: throw unsupported("the test \(name)")
        }
    }

    private static func comparison(of name: ByteString) -> TemplateExpression.Comparison? {
        switch name {
        case "equalto", "eq": .equal
        case "ne": .notEqual
        case "lt", "lessthan": .less
        case "le": .lessOrEqual
        case "gt", "greaterthan": .greater
        case "ge": .greaterOrEqual
        case "in": .isIn
        default: nil
        }
    }

    private func operand(_ name: ByteString, _ arguments: TemplateArguments) throws(TemplateError) -> TemplateValue {
        let callee = "the test \(name)"
        return try required(try bind(arguments, to: ["other"], of: callee)[0], of: callee)
    }

    private func isSame(_ left: TemplateValue, _ right: TemplateValue) throws(TemplateError) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.null, _), (_, .null), (.bool, _), (_, .bool): false
        default: throw unsupported("the test sameas for \(left.typeName)")
        }
    }
}
