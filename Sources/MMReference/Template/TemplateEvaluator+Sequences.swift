internal import MMBytes

extension TemplateEvaluator {
    mutating func sequenceFilter(_ name: ByteString, _ value: TemplateValue) throws(TemplateError) -> TemplateValue {
        switch name {
        case "first": return try elements(of: value).first ?? .undefined("the first element of an empty sequence")
        case "last": return try elements(of: value).last ?? .undefined("the last element of an empty sequence")
        case "items":
            if value.isUndefined { return try list([]) }
            guard case .dictionary(let dictionary) = value else { throw wrongType("the filter items", value) }
            return try list(dictionary.items)
        case "reverse":
            if case .string(let text) = value {
                try spend(text.count)
                return .string(TemplateText.joined(TemplateText.scalars(text).reversed()))
            }
            return try list(try elements(of: value).reversed())
        default: return try list(try elements(of: value))
        }
    }

    mutating func orderFilter(
        _ name: ByteString,
        _ value: TemplateValue,
        _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let callee = "the filter \(name)"
        switch name {
        case "join":
            let bound = try bind(arguments, to: ["d", "attribute"], of: callee)
            var parts = try elements(of: value)
            if let attribute = bound[1] { parts = try self.attribute(attribute, ofEach: parts, standard: nil) }
            return try joined(parts, by: try soft(bound[0] ?? .string("")))
        case "sort":
            let bound = try bind(arguments, to: ["reverse", "case_sensitive", "attribute"], of: callee)
            if let path = bound[2]?.string, TemplateText.contains(path, ",") {
                throw unsupported("sort by several attributes")
            }
            let elements = try elements(of: value)
            let keys = try keys(of: elements, attribute: bound[2], isCaseSensitive: bound[1]?.isTrue ?? false)
            return try list(try sorted(elements, by: keys, isDescending: bound[0]?.isTrue ?? false))
        case "unique":
            let bound = try bind(arguments, to: ["case_sensitive", "attribute"], of: callee)
            let elements = try elements(of: value)
            let keys = try keys(of: elements, attribute: bound[1], isCaseSensitive: bound[0]?.isTrue ?? false)
            return try list(try unique(elements, by: keys))
        case "dictsort":
            let bound = try bind(arguments, to: ["case_sensitive", "by", "reverse"], of: callee)
            guard case .dictionary(let dictionary) = value else { throw wrongType(callee, value) }
            let by = try string(bound[1], of: callee) ?? "key"
            guard by == "key" || by == "value" else { throw failure(.wrongValue("dictsort by \"\(by)\"")) }
            let chosen = by == "key" ? dictionary.keys : dictionary.values
            let keys = try keys(of: chosen, attribute: nil, isCaseSensitive: bound[0]?.isTrue ?? false)
            return try list(try sorted(dictionary.items, by: keys, isDescending: bound[2]?.isTrue ?? false))
        case "sum":
            let bound = try bind(arguments, to: ["attribute", "start"], of: callee)
            var total = bound[1] ?? .integer(0)
            var parts = try elements(of: value)
            if let attribute = bound[0], !Self.isNone(attribute) {
                parts = try self.attribute(attribute, ofEach: parts, standard: nil)
            }
            for part in parts { total = try calculate(.add, total, part) }
            return total
        default:
            let bound = try bind(arguments, to: ["case_sensitive", "attribute"], of: callee)
            let elements = try elements(of: value)
            let keys = try keys(of: elements, attribute: bound[1], isCaseSensitive: bound[0]?.isTrue ?? false)
            var best = 0
            for index in keys.indices.dropFirst() {
                let isBetter = try name == "min" ? isLess(keys[index], keys[best]) : isLess(keys[best], keys[index])
                if isBetter { best = index }
            }
            return elements.isEmpty ? .undefined("the \(name) of an empty sequence") : elements[best]
        }
    }

    /// What elements are ordered by: texts count as their small letters unless case matters.
    private mutating func keys(
        of elements: [TemplateValue],
        attribute: TemplateValue?,
        isCaseSensitive: Bool
    ) throws(TemplateError) -> [TemplateValue] {
        var keys = elements
        if let attribute, !Self.isNone(attribute) {
            keys = try self.attribute(attribute, ofEach: elements, standard: nil)
        }
        guard !isCaseSensitive else { return keys }
        for (index, key) in keys.enumerated() {
            if case .string(let text) = key {
                try spend(scalarsOf: text)
                keys[index] = try string(TemplateText.lowercased(text))
            }
        }
        return keys
    }

    mutating func sorted(_ values: [TemplateValue]) throws(TemplateError) -> [TemplateValue] {
        try sorted(values, by: values, isDescending: false)
    }

    /// A stable merge sort; what is equal keeps its order in both directions, as Python's does.
    private mutating func sorted(
        _ values: [TemplateValue],
        by keys: [TemplateValue],
        isDescending: Bool
    ) throws(TemplateError) -> [TemplateValue] {
        var order = Array(values.indices)
        var width = 1
        while width < order.count {
            var merged: [Int] = []
            merged.reserveCapacity(order.count)
            for start in stride(from: 0, to: order.count, by: width * 2) {
                var left = start
                var right = min(start + width, order.count)
                let middle = right
                let end = min(start + width * 2, order.count)
                while left < middle, right < end {
                    let first = keys[order[left]]
                    let second = keys[order[right]]
                    let takesRight = try isDescending ? isLess(first, second) : isLess(second, first)
                    merged.append(takesRight ? order[right] : order[left])
                    if takesRight { right += 1 } else { left += 1 }
                }
                merged += order[left..<middle] + order[right..<end]
            }
            order = merged
            width *= 2
        }
        return order.map { values[$0] }
    }

    private mutating func unique(
        _ elements: [TemplateValue],
        by keys: [TemplateValue]
    ) throws(TemplateError) -> [TemplateValue] {
        var seen: Set<TemplateDictionary.Key> = []
        var result: [TemplateValue] = []
        for (element, key) in zip(elements, keys) {
            guard let place = try place(of: key) else { throw wrongType("the filter unique", key) }
            if seen.insert(place).inserted { result.append(element) }
        }
        return result
    }

    // MARK: Members of each element

    /// A member of an element by a path with dots, whose parts of digits are indices (jinja2's make_attrgetter).
    private mutating func attribute(
        _ path: TemplateValue,
        of element: TemplateValue,
        standard: TemplateValue?
    ) throws(TemplateError) -> TemplateValue {
        guard let text = path.string else { return try self.element(path, of: element) }
        var value = element
        for part in TemplateText.split(text, by: ".", limit: Int.max) {
            let key = Int(part.string).flatMap { $0 >= 0 ? TemplateValue.integer($0) : nil } ?? .string(part)
            value = try self.element(key, of: value)
            if value.isUndefined, let standard { value = standard }
        }
        return value
    }

    private mutating func attribute(
        _ path: TemplateValue,
        ofEach elements: [TemplateValue],
        standard: TemplateValue?
    ) throws(TemplateError) -> [TemplateValue] {
        var values: [TemplateValue] = []
        for element in elements {
            try spend(bytes: path.string?.count ?? 1)
            values.append(try attribute(path, of: element, standard: standard))
        }
        return values
    }

    mutating func map(_ value: TemplateValue, _ arguments: TemplateArguments) throws(TemplateError) -> TemplateValue {
        // jinja2 passes over whatever is false, none too.
        let elements = value.isTrue ? try elements(of: value) : []
        if arguments.positional.isEmpty {
            let bound = try bind(arguments, to: ["attribute", "default"], of: "the filter map")
            let path = try required(bound[0], of: "the filter map")
            return try list(try attribute(path, ofEach: elements, standard: bound[1]))
        }
        guard let name = arguments.positional[0].string else { throw wrongType("map", arguments.positional[0]) }
        var rest = arguments
        rest.positional.removeFirst()
        var values: [TemplateValue] = []
        for element in elements {
            try spend(1)
            values.append(try nested { (evaluator) throws(TemplateError) in try evaluator.filter(name, element, rest) })
        }
        return try list(values)
    }

    /// A call one level deeper: `map("map", ...)` nests without nesting in the source.
    private mutating func nested<Result>(
        _ body: (inout TemplateEvaluator) throws(TemplateError) -> Result
    ) throws(TemplateError) -> Result {
        try enter(position)
        let result = try body(&self)
        depth -= 1
        return result
    }

    mutating func select(
        _ name: ByteString,
        _ value: TemplateValue,
        _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let elements = value.isTrue ? try elements(of: value) : []
        var rest = arguments
        var path: TemplateValue?
        if name == "selectattr" || name == "rejectattr" {
            guard !rest.positional.isEmpty else { throw failure(.wrongValue("the filter \(name) lacks an argument")) }
            path = rest.positional.removeFirst()
        }
        var test: ByteString?
        if !rest.positional.isEmpty { test = try string(rest.positional.removeFirst(), of: "the filter \(name)") }
        let keeps = name == "select" || name == "selectattr"
        var kept: [TemplateValue] = []
        for element in elements {
            try spend(1)
            let tested =
                try path.map { (path) throws(TemplateError) in
                    try attribute(path, of: element, standard: nil)
                } ?? element
            let holds = try test.map { (name) throws(TemplateError) in try self.test(Self.spelled(name), tested, rest) }
            if (holds ?? tested.isTrue) == keeps { kept.append(element) }
        }
        return try list(kept)
    }

    /// The tests that operators name.
    private static func spelled(_ name: ByteString) -> ByteString {
        switch name {
        case "==": "eq"
        case "!=": "ne"
        case "<": "lt"
        case "<=": "le"
        case ">": "gt"
        case ">=": "ge"
        default: name
        }
    }
}
