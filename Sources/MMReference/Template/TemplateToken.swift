internal import MMBytes

/// A piece of a template's source.
struct TemplateToken: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case text(ByteString)
        case outputBegin
        case outputEnd
        case blockBegin
        case blockEnd
        case name(ByteString)
        case string(ByteString)
        case integer(Int)
        case double(Double)
        case symbol(TemplateSymbol)
        case end
    }

    var kind: Kind
    var position: TemplatePosition

    /// What a person reads in an error.
    var shown: String {
        switch kind {
        case .text: "text"
        case .outputBegin: "{{"
        case .outputEnd: "}}"
        case .blockBegin: "{%"
        case .blockEnd: "%}"
        case .name(let name): "\"\(name)\""
        case .string: "a string"
        case .integer(let integer): "\(integer)"
        case .double(let double): "\(double)"
        case .symbol(let symbol): "\"\(symbol.rawValue)\""
        case .end: "the end of the template"
        }
    }
}
