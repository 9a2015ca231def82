internal import MMBytes

/// An object of a description that is taken apart member by member, and in which nothing may be left over.
struct StrictObject {
    let place: String
    private var members: [JSONMember]

    init(_ value: JSONValue, place: String) throws(DescriptionError) {
        guard let members = value.members else {
            throw DescriptionError(.wrongType(expected: "an object"), place: place)
        }
        self.place = place
        self.members = members
    }

    /// Where the member called `name` is.
    func place(of name: String) -> String { "\(place).\(name)" }

    /// Takes a member that may be missing.
    mutating func takeIfPresent(_ name: String) -> JSONValue? {
        guard let index = members.firstIndex(where: { $0.name == ByteString(name) }) else { return nil }
        return members.remove(at: index).value
    }

    mutating func take(_ name: String) throws(DescriptionError) -> JSONValue {
        guard let value = takeIfPresent(name) else { throw DescriptionError(.missingMember(name), place: place) }
        return value
    }

    mutating func string(_ name: String) throws(DescriptionError) -> String {
        guard let text = try take(name).string else {
            throw DescriptionError(.wrongType(expected: "a string"), place: place(of: name))
        }
        return text.string
    }

    mutating func stringIfPresent(_ name: String) throws(DescriptionError) -> String? {
        members.contains { $0.name == ByteString(name) } ? try string(name) : nil
    }

    /// The elements of a member; none when it is missing.
    mutating func elements(_ name: String) throws(DescriptionError) -> [JSONValue] {
        guard let value = takeIfPresent(name) else { return [] }
        guard let elements = value.elements else {
            throw DescriptionError(.wrongType(expected: "an array"), place: place(of: name))
        }
        return elements
    }

    /// The strings of a member; none when it is missing.
    mutating func strings(_ name: String) throws(DescriptionError) -> [ByteString] {
        var strings: [ByteString] = []
        for element in try elements(name) {
            guard let string = element.string else {
                throw DescriptionError(.wrongType(expected: "an array of strings"), place: place(of: name))
            }
            strings.append(string)
        }
        return strings
    }

    mutating func templates(_ name: String) throws(DescriptionError) -> [NameTemplate] {
        var templates: [NameTemplate] = []
        for text in try strings(name) { templates.append(try Self.template(text, place: place(of: name))) }
        return templates
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String,
        as type: Choice.Type = Choice.self
    ) throws(DescriptionError) -> Choice where Choice.RawValue == String {
        guard let choice = Choice(rawValue: try string(name)) else {
            throw DescriptionError(.notOneOf(Choice.allCases.map(\.rawValue)), place: place(of: name))
        }
        return choice
    }

    /// An expression: a string that is parsed, or a constant.
    mutating func expression(_ name: String) throws(DescriptionError) -> Expression {
        try Self.expression(try take(name), place: place(of: name))
    }

    mutating func expressionIfPresent(_ name: String) throws(DescriptionError) -> Expression? {
        guard let value = takeIfPresent(name) else { return nil }
        return try Self.expression(value, place: place(of: name))
    }

    /// Every member that is left, in order.
    mutating func takeAll() -> [JSONMember] {
        defer { members = [] }
        return members
    }

    /// Throws when a member was not taken: the schema does not have it.
    func finish() throws(DescriptionError) {
        if let left = members.first { throw DescriptionError(.unknownMember(left.name), place: place) }
    }

    static func expression(_ value: JSONValue, place: String) throws(DescriptionError) -> Expression {
        if let text = value.string {
            do throws(ExpressionError) { return try Expression(parsing: text.string) } catch {
                throw DescriptionError(.badExpression(error), place: place)
            }
        }
        guard let constant = KnobValue(value) else {
            throw DescriptionError(.wrongType(expected: "an expression"), place: place)
        }
        return Expression(constant: constant)
    }

    static func template(_ text: ByteString, place: String) throws(DescriptionError) -> NameTemplate {
        guard let template = NameTemplate(text.string) else {
            throw DescriptionError(.badTemplate(text.description), place: place)
        }
        return template
    }
}
