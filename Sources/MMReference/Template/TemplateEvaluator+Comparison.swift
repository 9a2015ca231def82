internal import MMBytes

extension TemplateEvaluator {
    mutating func compare(
        _ comparison: TemplateExpression.Comparison,
        _ left: TemplateValue,
        _ right: TemplateValue
    ) throws(TemplateError) -> Bool {
        switch comparison {
        case .equal: try isEqual(left, right)
        case .notEqual: !(try isEqual(left, right))
        case .less: try isLess(left, right)
        case .greater: try isLess(right, left)
        case .lessOrEqual: try isLess(left, right, orEqual: true)
        case .greaterOrEqual: try isLess(right, left, orEqual: true)
        case .isIn: try contains(right, left)
        case .isNotIn: !(try contains(right, left))
        }
    }

    mutating func isEqual(_ left: TemplateValue, _ right: TemplateValue) throws(TemplateError) -> Bool {
        try spend(1)
        switch (left, right) {
        case (.undefined, .undefined), (.null, .null): return true
        case (.string(let left), .string(let right)):
            guard left.count == right.count else { return false }
            try spend(bytes: left.count)
            return left == right
        case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
            return try isEqual(left.elements, right.elements)
        case (.dictionary(let left), .dictionary(let right)): return try isEqual(left, right)
        case (.namespace(let left), .namespace(let right)), (.macro(let left), .macro(let right)): return left == right
        case (.function(let left), .function(let right)): return left == right
        default: return Self.order(left, right) == 0
        }
    }

    private mutating func isEqual(
        _ left: [TemplateValue],
        _ right: [TemplateValue]
    ) throws(TemplateError) -> Bool {
        guard left.count == right.count else { return false }
        for (left, right) in zip(left, right) where !(try isEqual(left, right)) { return false }
        return true
    }

    private mutating func isEqual(
        _ left: TemplateDictionary,
        _ right: TemplateDictionary
    ) throws(TemplateError) -> Bool {
        guard left.count == right.count else { return false }
        for (key, value) in zip(left.keys, left.values) {
            guard let place = try place(of: key), let other = right[place], try isEqual(value, other) else {
                return false
            }
        }
        return true
    }

    /// -1, 0 or 1 for two numbers; nil for anything else and where one is not a number.
    private static func order(_ left: TemplateValue, _ right: TemplateValue) -> Int? {
        if let left = left.integer, let right = right.integer { return left < right ? -1 : left == right ? 0 : 1 }
        // Exact between an integer and a float, as Python compares them.
        if let left = left.integer, case .double(let right) = right { return order(left, right) }
        if case .double(let left) = left, let right = right.integer { return order(right, left).map { -$0 } }
        guard let left = left.double, let right = right.double, !left.isNaN, !right.isNaN else { return nil }
        return left < right ? -1 : left == right ? 0 : 1
    }

    private static func order(_ left: Int, _ right: Double) -> Int? {
        guard !right.isNaN else { return nil }
        if let right = Int(exactly: right) { return left < right ? -1 : left == right ? 0 : 1 }
        // A fraction lies below 2^53, where the integer is exact; the rest lies outside 64 bits.
        return Double(left) < right ? -1 : 1
    }

    mutating func isLess(
        _ left: TemplateValue,
        _ right: TemplateValue,
        orEqual: Bool = false
    ) throws(TemplateError) -> Bool {
        try spend(1)
        switch (left, right) {
        case (.string(let left), .string(let right)):
            try spend(bytes: min(left.count, right.count))
            return orEqual ? !(right < left) : left < right
        case (.list(let first), .list(let second)), (.tuple(let first), .tuple(let second)):
            for (left, right) in zip(first.elements, second.elements) where !(try isEqual(left, right)) {
                return try isLess(left, right, orEqual: orEqual)
            }
            let (left, right) = (first.elements.count, second.elements.count)
            return orEqual ? left <= right : left < right
        default:
            guard left.double != nil, right.double != nil else {
                throw wrongType("an order", left.double == nil ? left : right)
            }
            guard let order = Self.order(left, right) else { return false }
            return order < 0 || (orEqual && order == 0)
        }
    }

    /// Python's `in`.
    mutating func contains(_ container: TemplateValue, _ value: TemplateValue) throws(TemplateError) -> Bool {
        switch container {
        case .string(let text):
            guard let needle = value.string else { throw wrongType("\"in\" a string", value) }
            try spend(bytes: text.count)
            return TemplateText.contains(text, needle)
        case .list(let list), .tuple(let list):
            for element in list.elements where try isEqual(element, value) { return true }
            return false
        case .dictionary(let dictionary):
            guard let key = try place(of: value) else {
                if value.isUndefined { return false }
                throw wrongType("a key of a dictionary", value)
            }
            return dictionary[key] != nil
        case .undefined: return false
        default: throw wrongType("\"in\"", container)
        }
    }

    /// What a for block goes through.
    mutating func elements(of value: TemplateValue) throws(TemplateError) -> [TemplateValue] {
        switch value {
        case .undefined: return []
        case .list(let list), .tuple(let list):
            try spend(list.elements.count)
            return list.elements
        case .dictionary(let dictionary):
            try spend(dictionary.count)
            return dictionary.keys
        case .string(let text):
            try spend(text.count)
            return TemplateText.scalars(text).map { .text(String($0).utf8) }
        default: throw wrongType("a loop", value)
        }
    }
}
