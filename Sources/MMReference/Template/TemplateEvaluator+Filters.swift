internal import MMBytes

extension TemplateEvaluator {
    /// A filter of jinja2's filters.py, and transformers' own `tojson`.
    mutating func filter(
        _ name: ByteString,
        _ value: TemplateValue,
        _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let callee = "the filter \(name)"
        switch name {
        case "default", "d":
            let bound = try bind(arguments, to: ["default_value", "boolean"], of: callee)
            let isMissing = value.isUndefined || (bound[1]?.isTrue == true && !value.isTrue)
            return isMissing ? bound[0] ?? .string("") : value
        case "tojson": return try tojson(value, arguments)
        case "trim", "upper", "lower", "title", "capitalize", "replace", "indent", "string":
            return try textFilter(name, value, arguments)
        case "length", "count":
            _ = try bind(arguments, to: [], of: callee)
            return .integer(try length(of: value))
        case "int", "float", "abs": return try numberFilter(name, value, arguments)
        case "first", "last", "list", "reverse", "items":
            _ = try bind(arguments, to: [], of: callee)
            return try sequenceFilter(name, value)
        case "join", "sort", "unique", "dictsort", "sum", "min", "max": return try orderFilter(name, value, arguments)
        case "map": return try map(value, arguments)
        case "select", "reject", "selectattr", "rejectattr": return try select(name, value, arguments)
        case "safe": throw unsupported("the filter safe on anything but a whole output")
        default: throw unsupported(callee)
        }
    }

    private mutating func length(of value: TemplateValue) throws(TemplateError) -> Int {
        if let text = value.string { try spend(bytes: text.count) }
        return switch value {
        case .undefined: 0
        case .string(let text): TemplateText.length(text)
        case .list(let list), .tuple(let list): list.elements.count
        case .dictionary(let dictionary): dictionary.count
        case .loop(let loop): loop.list.elements.count
        default: throw wrongType("length", value)
        }
    }

    private mutating func tojson(
        _ value: TemplateValue,
        _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let callee = "the filter tojson"
        let bound = try bind(arguments, to: ["ensure_ascii", "indent", "separators", "sort_keys"], of: callee)
        var style = JSONStyle()
        style.escapesAll = bound[0]?.isTrue ?? false
        if let indent = bound[1], !Self.isNone(indent) {
            if let text = indent.string {
                style.indent = text
            } else {
                let width = max(0, try integer(indent, of: callee) ?? 0)
                try spend(bytes: width)
                style.indent = ByteString(repeatElement(0x20, count: width))
            }
            style.itemSeparator = ","
        }
        if let separators = bound[2], !Self.isNone(separators) {
            let parts = try elements(of: separators)
            guard parts.count == 2, let item = parts[0].string, let key = parts[1].string else {
                throw wrongType("separators of tojson", separators)
            }
            style.itemSeparator = item
            style.keySeparator = key
        }
        style.sortsKeys = bound[3]?.isTrue ?? false
        return try json(of: value, style)
    }

    // MARK: Text

    private mutating func textFilter(
        _ name: ByteString,
        _ value: TemplateValue,
        _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let callee = "the filter \(name)"
        let text = try soft(value)
        if name != "trim", name != "replace", name != "string" { try spend(scalarsOf: text) }
        switch name {
        case "trim":
            let characters = try bind(arguments, to: ["chars"], of: callee)[0]
            return .string(
                TemplateText.stripped(text, of: Self.isNone(characters) ? nil : try string(characters, of: callee))
            )
        case "replace":
            let bound = try bind(arguments, to: ["old", "new", "count"], of: callee)
            let old = try soft(try required(bound[0], of: callee))
            let new = try soft(try required(bound[1], of: callee))
            let limit = Self.isNone(bound[2]) ? Int.max : try self.limit(bound[2], of: callee)
            return try replaced(text, old, by: new, limit: limit)
        case "indent": return try indented(text, arguments)
        default: break
        }
        _ = try bind(arguments, to: [], of: callee)
        switch name {
        case "upper": return try string(TemplateText.uppercased(text))
        case "lower": return try string(TemplateText.lowercased(text))
        case "title": return try string(TemplateText.titledWords(text))
        case "capitalize": return try string(TemplateText.capitalized(text))
        default: return .string(text)
        }
    }

    /// jinja2's do_indent.
    private mutating func indented(
        _ text: ByteString,
        _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let callee = "the filter indent"
        let bound = try bind(arguments, to: ["width", "first", "blank"], of: callee)
        var indentation = bound[0]?.string ?? "    "
        if let width = bound[0], width.string == nil {
            let count = max(0, try integer(width, of: callee) ?? 0)
            try spend(bytes: count)
            indentation = ByteString(repeatElement(0x20, count: count))
        }
        let takesFirst = bound[1]?.isTrue ?? false
        let takesBlank = bound[2]?.isTrue ?? false
        // jinja2 adds a newline so that splitlines keeps an empty last line.
        let lines = TemplateText.lines(ByteString(text.bytes + [0x0A]))
        try spend(bytes: lines.count.multiplied(by: indentation.count) ?? Int.max)
        var result: [UInt8] = takesFirst ? indentation.bytes : []
        for (index, line) in lines.enumerated() {
            if index > 0 {
                result.append(0x0A)
                if takesBlank || !line.isEmpty { result += indentation.bytes }
            }
            result += line.bytes
        }
        return .string(ByteString(result))
    }

    // MARK: Numbers

    private mutating func numberFilter(
        _ name: ByteString,
        _ value: TemplateValue,
        _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let callee = "the filter \(name)"
        if name == "abs" {
            _ = try bind(arguments, to: [], of: callee)
            if case .double(let double) = value { return .double(abs(double)) }
            guard let integer = value.integer else { throw wrongType(callee, value) }
            return try calculate(integer < 0 ? .subtract : .add, .integer(0), .integer(integer))
        }
        if case .undefined(let what) = value { throw failure(.undefined(what)) }
        let bound = try bind(arguments, to: name == "int" ? ["default", "base"] : ["default"], of: callee)
        if name == "int", bound[1] != nil { throw unsupported("the base of \(callee)") }
        let trimmed = value.string.map { TemplateText.stripped($0, of: nil).string }
        if name == "float" {
            if let number = value.double ?? trimmed.flatMap({ Double($0) }) { return .double(number) }
            return bound[0] ?? .double(0)
        }
        if let integer = value.integer ?? trimmed.flatMap({ Int($0) }) { return .integer(integer) }
        if let number = value.double ?? trimmed.flatMap({ Double($0) }), number.isFinite {
            guard let integer = Int(exactly: number.rounded(.towardZero)) else {
                throw unsupported("an integer that does not fit 64 bits")
            }
            return .integer(integer)
        }
        return bound[0] ?? .integer(0)
    }
}
