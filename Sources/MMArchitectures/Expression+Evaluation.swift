#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

extension Expression {
    /// The value, names looked up by `value`; throws `ExpressionError` for a name that it does not know, for types
    /// that do not fit, and for a result that is not finite.
    package func evaluate(_ value: (String) -> KnobValue?) throws(ExpressionError) -> KnobValue {
        try evaluate(root, value)
    }

    /// The value as a whole number from 0 to 2^53: a dimension, or how often something is there.
    package func count(_ value: (String) -> KnobValue?) throws(ExpressionError) -> Int {
        let result = try evaluate(root, value)
        let number = try self.number(result)
        guard let count = result.integer, count >= 0 else {
            throw ExpressionError(.notACount(number), expression: text)
        }
        return count
    }

    /// The value as a truth.
    package func flag(_ value: (String) -> KnobValue?) throws(ExpressionError) -> Bool {
        try flag(try evaluate(root, value))
    }

    private func evaluate(_ node: Node, _ value: (String) -> KnobValue?) throws(ExpressionError) -> KnobValue {
        switch node {
        case .constant(let constant): return constant
        case .name(let name):
            guard let found = value(name) else { throw ExpressionError(.unknownName(name), expression: text) }
            return found
        case .call(.count, let argument): return try elementCount(try evaluate(argument, value))
        case .call(let function, let argument):
            return try finite(Self.apply(function, try number(try evaluate(argument, value))))
        case .negative(let inner): return .number(-(try number(try evaluate(inner, value))))
        case .not(let inner): return .flag(!(try flag(try evaluate(inner, value))))
        case .or(let left, let right):
            if try flag(try evaluate(left, value)) { return .flag(true) }
            return .flag(try flag(try evaluate(right, value)))
        case .and(let left, let right):
            guard try flag(try evaluate(left, value)) else { return .flag(false) }
            return .flag(try flag(try evaluate(right, value)))
        case .equal(let left, let right):
            return .flag(try same(try evaluate(left, value), try evaluate(right, value)))
        case .binary(let operation, let left, let right):
            return try apply(operation, try number(try evaluate(left, value)), try number(try evaluate(right, value)))
        case .choice(let condition, let first, let second):
            return try evaluate(try flag(try evaluate(condition, value)) ? first : second, value)
        case .element(let list, let index):
            return try element(try evaluate(list, value), at: try number(try evaluate(index, value)))
        case .membership(let wanted, let list):
            return .flag(try contains(try evaluate(list, value), try evaluate(wanted, value)))
        }
    }

    private func elementCount(_ value: KnobValue) throws(ExpressionError) -> KnobValue {
        guard case .list(let elements) = value else {
            throw ExpressionError(.wrongType(expected: "a list", found: value), expression: text)
        }
        return .number(Double(elements.count))
    }

    private func element(_ list: KnobValue, at index: Double) throws(ExpressionError) -> KnobValue {
        guard case .list(let values) = list else {
            throw ExpressionError(.wrongType(expected: "a list", found: list), expression: text)
        }
        guard let place = Int(exactly: index), values.indices.contains(place) else {
            throw ExpressionError(.noElement(index: index, count: values.count), expression: text)
        }
        return values[place]
    }

    private func contains(_ list: KnobValue, _ wanted: KnobValue) throws(ExpressionError) -> Bool {
        switch list {
        case .list(let values): return values.contains(wanted)
        case .none: return false
        default: throw ExpressionError(.wrongType(expected: "a list", found: list), expression: text)
        }
    }

    private func apply(
        _ operation: Operation,
        _ first: Double,
        _ second: Double
    ) throws(ExpressionError) -> KnobValue {
        switch operation {
        case .less: .flag(first < second)
        case .greater: .flag(first > second)
        case .lessOrEqual: .flag(first <= second)
        case .greaterOrEqual: .flag(first >= second)
        case .plus: try finite(first + second)
        case .minus: try finite(first - second)
        case .times: try finite(first * second)
        case .divided: try finite(first / second)
        case .modulo: try finite(first - second * (first / second).rounded(.down))
        case .power: try finite(pow(first, second))
        }
    }

    /// Two texts, two numbers or two truths, or anything and `none`; the rest is a mistake in the description.
    private func same(_ left: KnobValue, _ right: KnobValue) throws(ExpressionError) -> Bool {
        switch (left, right) {
        case (.number, .number), (.flag, .flag), (.text, .text), (.none, _), (_, .none): return left == right
        default: throw ExpressionError(.wrongType(expected: "comparable with \(left)", found: right), expression: text)
        }
    }

    private static func apply(_ function: Function, _ argument: Double) -> Double {
        switch function {
        case .sqrt: argument.squareRoot()
        case .round: argument.rounded(.toNearestOrAwayFromZero)
        case .ceil: argument.rounded(.up)
        case .count: 1
        }
    }

    private func number(_ value: KnobValue) throws(ExpressionError) -> Double {
        guard case .number(let number) = value else {
            throw ExpressionError(.wrongType(expected: "a number", found: value), expression: text)
        }
        return number
    }

    private func flag(_ value: KnobValue) throws(ExpressionError) -> Bool {
        guard case .flag(let flag) = value else {
            throw ExpressionError(.wrongType(expected: "true or false", found: value), expression: text)
        }
        return flag
    }

    private func finite(_ number: Double) throws(ExpressionError) -> KnobValue {
        guard number.isFinite else { throw ExpressionError(.notFinite, expression: text) }
        return .number(number)
    }
}
