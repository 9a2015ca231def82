public import MMBytes

/// The part of JSON Schema (draft 2020-12) that formats/schemas/ uses; a keyword outside it is a failure, so that a
/// schema cannot ask for something that nobody checks.
public struct JSONSchema {
    private let root: JSONValue
    private static let known: Set<ByteString> = [
        "$schema", "$id", "title", "description", "$defs", "$ref", "type", "const", "enum", "properties", "required",
        "additionalProperties", "items", "minItems", "pattern", "minimum", "maximum", "anyOf",
    ]

    public init(_ root: JSONValue) {
        self.root = root
    }

    /// What is wrong with `value`, each with its place; empty when it conforms.
    public func violations(_ value: JSONValue) -> [String] {
        check(value, root, at: "$")
    }

    private func check(_ value: JSONValue, _ schema: JSONValue, at place: String) -> [String] {
        if schema == .bool(true) { return [] }
        guard let members = schema.members else { return ["\(place): schema is no object"] }
        var found = members.filter { !Self.known.contains($0.name) }.map { "\(place): unknown keyword \($0.name)" }
        if let reference = schema["$ref"]?.string {
            let name = ByteString(reference.bytes.dropFirst("#/$defs/".utf8.count))
            guard let target = root["$defs"]?[name] else { return found + ["\(place): no definition \(reference)"] }
            return found + check(value, target, at: place)
        }
        if let types = schema["type"] {
            let names = types.elements?.compactMap(\.string) ?? [types.string].compactMap(\.self)
            guard names.contains(where: { Self.matches(value, type: $0.string) }) else {
                return found + ["\(place): not of type \(names)"]
            }
        }
        if let constant = schema["const"], constant != value { found.append("\(place): not the constant") }
        if let choices = schema["enum"]?.elements, !choices.contains(value) { found.append("\(place): not a choice") }
        if let alternatives = schema["anyOf"]?.elements,
            !alternatives.contains(where: { check(value, $0, at: place).isEmpty })
        {
            found.append("\(place): matches no alternative")
        }
        if let number = value.double {
            if let minimum = schema["minimum"]?.double, number < minimum { found.append("\(place): below the minimum") }
            if let maximum = schema["maximum"]?.double, number > maximum { found.append("\(place): above the maximum") }
        }
        if let text = value.string, let pattern = schema["pattern"]?.string {
            if !Self.matches(text.string, pattern: pattern.string) { found.append("\(place): not like \(pattern)") }
        }
        return found + checkMembers(value, schema, at: place) + checkElements(value, schema, at: place)
    }

    private func checkMembers(_ value: JSONValue, _ schema: JSONValue, at place: String) -> [String] {
        guard let members = value.members else { return [] }
        var found: [String] = []
        for name in schema["required"]?.elements?.compactMap(\.string) ?? [] where value[name] == nil {
            found.append("\(place): \(name) is missing")
        }
        for member in members {
            let inner = "\(place).\(member.name)"
            if let property = schema["properties"]?[member.name] {
                found += check(member.value, property, at: inner)
            } else if let additional = schema["additionalProperties"] {
                if additional == .bool(false) {
                    found.append("\(inner): not allowed")
                } else {
                    found += check(member.value, additional, at: inner)
                }
            }
        }
        return found
    }

    private func checkElements(_ value: JSONValue, _ schema: JSONValue, at place: String) -> [String] {
        guard let elements = value.elements else { return [] }
        var found: [String] = []
        if let least = schema["minItems"]?.integer, elements.count < least { found.append("\(place): too few items") }
        guard let items = schema["items"] else { return found }
        for (index, element) in elements.enumerated() { found += check(element, items, at: "\(place)[\(index)]") }
        return found
    }

    private static func matches(_ value: JSONValue, type: String) -> Bool {
        switch (type, value) {
        case ("null", .null), ("boolean", .bool), ("integer", .integer), ("number", .integer), ("number", .number),
            ("string", .string), ("array", .array), ("object", .object):
            true
        default: false
        }
    }

    private static func matches(_ text: String, pattern: String) -> Bool {
        guard let expression = try? Regex(pattern) else { return false }
        return text.firstMatch(of: expression) != nil
    }
}
