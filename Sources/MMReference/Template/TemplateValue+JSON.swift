internal import MMBytes

extension TemplateValue {
    /// The value of a JSON document; bytes that are not UTF-8 are repaired.
    init(_ json: JSONValue) {
        switch json {
        case .null: self = .null
        case .bool(let bool): self = .bool(bool)
        case .integer(let integer): self = .integer(integer)
        case .number(let number): self = .double(number)
        case .string(let string): self = .string(string.isValidUTF8 ? string : ByteString(string.string))
        case .array(let elements): self = .list(TemplateList(elements.map { TemplateValue($0) }))
        case .object(let members):
            var dictionary = TemplateDictionary()
            for member in members {
                let name = member.name.isValidUTF8 ? member.name : ByteString(member.name.string)
                dictionary.set(name, to: TemplateValue(member.value))
            }
            self = .dictionary(dictionary)
        }
    }
}
