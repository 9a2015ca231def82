internal import MMBytes

extension TemplateEvaluator {
    /// - Parameter isSign: the operator stands before one value, which must be a number.
    mutating func calculate(
        _ operation: TemplateExpression.Arithmetic,
        _ left: TemplateValue,
        _ right: TemplateValue,
        isSign: Bool = false
    ) throws(TemplateError) -> TemplateValue {
        if let left = left.integer, let right = right.integer { return try calculate(operation, left, right) }
        if let left = left.double, let right = right.double {
            // -0.0 is not 0 - 0.0.
            if isSign { return .double(operation == .subtract ? -right : right) }
            return .double(try calculate(operation, left, right))
        }
        switch (operation, left, right) {
        case (.add, .string(let left), .string(let right)): return try string(ByteString(left.bytes + right.bytes))
        case (.add, .list(let left), .list(let right)): return try list(left.elements + right.elements)
        case (.add, .tuple(let left), .tuple(let right)): return try tuple(left.elements + right.elements)
        case (.multiply, _, _) where right.integer != nil: return try repeated(left, right.integer ?? 0)
        case (.multiply, _, _) where left.integer != nil: return try repeated(right, left.integer ?? 0)
        case (.modulo, .string, _): throw unsupported("formatting with %")
        default:
            if case .undefined(let what) = left { throw failure(.undefined(what)) }
            if case .undefined(let what) = right { throw failure(.undefined(what)) }
            throw failure(
                .wrongType(
                    operation: "arithmetic",
                    found: isSign ? right.typeName : "\(left.typeName) and \(right.typeName)"
                )
            )
        }
    }

    private func calculate(
        _ operation: TemplateExpression.Arithmetic,
        _ left: Int,
        _ right: Int
    ) throws(TemplateError) -> TemplateValue {
        let result: (partialValue: Int, overflow: Bool)
        switch operation {
        case .add: result = left.addingReportingOverflow(right)
        case .subtract: result = left.subtractingReportingOverflow(right)
        case .multiply: result = left.multipliedReportingOverflow(by: right)
        case .power: return try power(left, right)
        case .divide:
            guard right != 0 else { throw failure(.wrongValue("division by zero")) }
            return .double(Double(left) / Double(right))
        case .floorDivide:
            guard right != 0 else { throw failure(.wrongValue("division by zero")) }
            let (quotient, overflow) = left.dividedReportingOverflow(by: right)
            let isInexact = !overflow && left != quotient &* right
            result = (isInexact && (left < 0) != (right < 0) ? quotient - 1 : quotient, overflow)
        case .modulo:
            guard right != 0 else { throw failure(.wrongValue("division by zero")) }
            let remainder = left.remainderReportingOverflow(dividingBy: right).partialValue
            result = (remainder != 0 && (remainder < 0) != (right < 0) ? remainder + right : remainder, false)
        }
        guard !result.overflow else { throw unsupported("an integer that does not fit 64 bits") }
        return .integer(result.partialValue)
    }

    private func power(_ base: Int, _ exponent: Int) throws(TemplateError) -> TemplateValue {
        guard exponent >= 0 else { throw unsupported("a negative exponent") }
        var result = 1
        var factor: Int? = base
        var rest = exponent
        while rest > 0 {
            if rest & 1 == 1 {
                guard let factor, let product = result.multiplied(by: factor) else {
                    throw unsupported("an integer that does not fit 64 bits")
                }
                result = product
            }
            rest >>= 1
            factor = factor.flatMap { $0.multiplied(by: $0) }
        }
        return .integer(result)
    }

    private func calculate(
        _ operation: TemplateExpression.Arithmetic,
        _ left: Double,
        _ right: Double
    ) throws(TemplateError) -> Double {
        switch operation {
        case .add: return left + right
        case .subtract: return left - right
        case .multiply: return left * right
        case .power: throw unsupported("a power of floats")
        case .divide, .floorDivide, .modulo:
            guard right != 0 else { throw failure(.wrongValue("division by zero")) }
            if operation == .divide { return left / right }
            var remainder = left.truncatingRemainder(dividingBy: right)
            if remainder != 0, (remainder < 0) != (right < 0) { remainder += right }
            return operation == .modulo ? remainder : ((left - remainder) / right).rounded()
        }
    }

    private mutating func repeated(_ value: TemplateValue, _ count: Int) throws(TemplateError) -> TemplateValue {
        let count = max(0, count)
        switch value {
        case .string(let text):
            guard let size = text.count.multiplied(by: count) else {
                throw failure(.tooLarge("operations", allowed: limits.stepCount))
            }
            try spend(bytes: size)
            return .text(repeatElement(text.bytes, count: text.isEmpty ? 0 : count).joined())
        case .list(let list): return try self.list(try repeated(list.elements, count))
        case .tuple(let list): return try tuple(try repeated(list.elements, count))
        default: throw wrongType("multiplication", value)
        }
    }

    private mutating func repeated(_ elements: [TemplateValue], _ count: Int) throws(TemplateError) -> [TemplateValue] {
        guard let size = elements.count.multiplied(by: count) else {
            throw failure(.tooLarge("operations", allowed: limits.stepCount))
        }
        try spend(size)
        return Array(repeatElement(elements, count: elements.isEmpty ? 0 : count).joined())
    }
}
