internal import MMBytes

extension TemplateEvaluator {
    /// A method of Python's `str`.
    mutating func call(
        _ name: ByteString,
        of text: ByteString,
        _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let callee = "the method \(name)"
        try spend(bytes: text.count)
        switch name {
        case "strip", "lstrip", "rstrip":
            let bound = try bind(arguments, to: [Self.unnamed], of: callee)
            let characters = Self.isNone(bound[0]) ? nil : try string(bound[0], of: callee)
            return .string(
                TemplateText.stripped(text, of: characters, start: name != "rstrip", end: name != "lstrip")
            )
        case "upper", "lower", "title", "capitalize":
            _ = try bind(arguments, to: [], of: callee)
            return try cased(name, text)
        case "split", "splitlines", "join", "replace": return try cut(name, text, arguments)
        case "startswith", "endswith", "removeprefix", "removesuffix":
            return try affix(
                name,
                text,
                try required(try bind(arguments, to: [Self.unnamed], of: callee)[0], of: callee)
            )
        case "find", "rfind", "index", "count":
            let value = try required(try bind(arguments, to: [Self.unnamed], of: callee)[0], of: callee)
            return try find(name, try string(value, of: callee) ?? "", in: text)
        case "isdigit", "isalpha", "isspace":
            _ = try bind(arguments, to: [], of: callee)
            return .bool(!text.isEmpty && TemplateText.scalars(text).allSatisfy { Self.isOfClass(name, $0) })
        default: throw unsupported(callee)
        }
    }

    /// The name of parameters that Python takes by their place alone.
    private static let unnamed: ByteString = "/"

    static func isNone(_ value: TemplateValue?) -> Bool {
        if case .some(.null) = value { true } else { false }
    }

    private static func isOfClass(_ name: ByteString, _ scalar: Unicode.Scalar) -> Bool {
        switch name {
        case "isdigit": scalar.properties.numericType == .decimal || scalar.properties.numericType == .digit
        case "isalpha":
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
            default: false
            }
        default: TemplateText.isSpace(scalar)
        }
    }

    private mutating func cased(_ name: ByteString, _ text: ByteString) throws(TemplateError) -> TemplateValue {
        try spend(scalarsOf: text)
        return switch name {
        case "upper": try string(TemplateText.uppercased(text))
        case "lower": try string(TemplateText.lowercased(text))
        case "title": try string(TemplateText.titlecased(text))
        default: try string(TemplateText.capitalized(text))
        }
    }

    private mutating func cut(
        _ name: ByteString,
        _ text: ByteString,
        _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let callee = "the method \(name)"
        switch name {
        case "split":
            let bound = try bind(arguments, to: ["sep", "maxsplit"], of: callee)
            let limit = try self.limit(bound[1], of: callee)
            guard let separator = Self.isNone(bound[0]) ? nil : try string(bound[0], of: callee) else {
                return try list(TemplateText.words(text, limit: limit).map { .string($0) })
            }
            guard !separator.isEmpty else { throw failure(.wrongValue("split by an empty text")) }
            return try list(TemplateText.split(text, by: separator, limit: limit).map { .string($0) })
        case "splitlines":
            try spend(scalarsOf: text)
            let keepsEnds = try bind(arguments, to: ["keepends"], of: callee)[0]?.isTrue ?? false
            return try list(TemplateText.lines(text, keepsEnds: keepsEnds).map { .string($0) })
        case "join":
            let parts = try elements(
                of: try required(try bind(arguments, to: [Self.unnamed], of: callee)[0], of: callee)
            )
            for part in parts where part.string == nil { throw wrongType(callee, part) }
            return try joined(parts, by: text)
        default:
            let bound = try bind(arguments, to: [Self.unnamed, Self.unnamed, Self.unnamed], of: callee)
            guard let old = try string(bound[0], of: callee), let new = try string(bound[1], of: callee) else {
                throw failure(.wrongValue("\(callee) lacks an argument"))
            }
            return try replaced(text, old, by: new, limit: try limit(bound[2], of: callee))
        }
    }

    /// A count that is unlimited where it is missing or negative.
    func limit(_ value: TemplateValue?, of callee: String) throws(TemplateError) -> Int {
        guard let value = try integer(value, of: callee), value >= 0 else { return Int.max }
        return value
    }

    /// The parts' texts with a text between them, whose size is counted before it is made.
    mutating func joined(_ parts: [TemplateValue], by separator: ByteString) throws(TemplateError) -> TemplateValue {
        var bytes: [UInt8] = []
        for (index, part) in parts.enumerated() {
            let text = try self.text(of: part)
            try spend(bytes: text.count + separator.count)
            if index > 0 { bytes += separator.bytes }
            bytes += text
        }
        return .string(ByteString(bytes))
    }

    mutating func replaced(
        _ text: ByteString,
        _ old: ByteString,
        by new: ByteString,
        limit: Int
    ) throws(TemplateError) -> TemplateValue {
        try spend(bytes: text.count)
        let most = min(limit, old.isEmpty ? text.count + 1 : text.count / old.count)
        let count = old.isEmpty ? most : TemplateText.occurrences(of: old.bytes, in: text.bytes, limit: most).count
        try spend(bytes: count.multiplied(by: new.count) ?? Int.max)
        return .string(TemplateText.replaced(text, old, by: new, limit: limit))
    }

    private func affix(
        _ name: ByteString,
        _ text: ByteString,
        _ value: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        var affixes: [ByteString] = []
        if case .tuple(let list) = value, name == "startswith" || name == "endswith" {
            for element in list.elements { affixes.append(try string(element, of: "the method \(name)") ?? "") }
        } else {
            affixes = [try string(value, of: "the method \(name)") ?? ""]
        }
        switch name {
        case "startswith": return .bool(affixes.contains { text.hasPrefix($0) })
        case "endswith": return .bool(affixes.contains { text.hasSuffix($0) })
        case "removeprefix":
            return text.hasPrefix(affixes[0]) ? .text(text.bytes.dropFirst(affixes[0].count)) : .string(text)
        default: return text.hasSuffix(affixes[0]) ? .text(text.bytes.dropLast(affixes[0].count)) : .string(text)
        }
    }

    private func find(
        _ name: ByteString,
        _ needle: ByteString,
        in text: ByteString
    ) throws(TemplateError) -> TemplateValue {
        if name == "count" {
            return .integer(
                needle.isEmpty
                    ? TemplateText.length(text) + 1 : TemplateText.occurrences(of: needle.bytes, in: text.bytes).count
            )
        }
        if needle.isEmpty { return .integer(name == "rfind" ? TemplateText.length(text) : 0) }
        var offset: Int?
        if name == "rfind" {
            let reversed = TemplateText.occurrences(
                of: needle.bytes.reversed(),
                in: text.bytes.reversed(),
                limit: 1
            )
            offset = reversed.first.map { text.count - needle.count - $0 }
        } else {
            offset = TemplateText.occurrences(of: needle.bytes, in: text.bytes, limit: 1).first
        }
        guard let offset else {
            if name == "index" { throw failure(.wrongValue("the method index does not find its text")) }
            return .integer(-1)
        }
        return .integer(TemplateText.length(ByteString(text.bytes[..<offset])))
    }

    // MARK: Containers

    mutating func call(
        _ name: ByteString,
        of dictionary: TemplateDictionary,
        _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let callee = "the method \(name)"
        switch name {
        case "get":
            let bound = try bind(arguments, to: [Self.unnamed, Self.unnamed], of: callee)
            let key = try required(bound[0], of: callee)
            guard let place = try place(of: key) else {
                if key.isUndefined { return bound[1] ?? .null }
                throw wrongType("a key of a dictionary", key)
            }
            return dictionary[place] ?? bound[1] ?? .null
        case "items", "keys", "values", "copy":
            _ = try bind(arguments, to: [], of: callee)
            if name == "copy" { return .dictionary(dictionary) }
            try spend(dictionary.count)
            return try list(name == "items" ? dictionary.items : name == "keys" ? dictionary.keys : dictionary.values)
        default: throw unsupported("\(callee), which changes a dictionary,")
        }
    }

    mutating func call(
        _ name: ByteString,
        of list: TemplateList,
        _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let callee = "the method \(name)"
        switch name {
        case "copy": return .list(list)
        case "count", "index":
            let value = try required(try bind(arguments, to: [Self.unnamed], of: callee)[0], of: callee)
            var count = 0
            for (index, element) in list.elements.enumerated() where try isEqual(element, value) {
                if name == "index" { return .integer(index) }
                count += 1
            }
            guard name == "count" else { throw failure(.wrongValue("the method index does not find its value")) }
            return .integer(count)
        default: throw unsupported("\(callee), which changes a list,")
        }
    }
}
