/// An operator or a bracket of the expression language.
enum TemplateSymbol: String, Sendable, Hashable, CaseIterable {
    case plus = "+"
    case minus = "-"
    case times = "*"
    case power = "**"
    case divide = "/"
    case floorDivide = "//"
    case modulo = "%"
    case concatenate = "~"
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case assign = "="
    case dot = "."
    case comma = ","
    case colon = ":"
    case pipe = "|"
    case openParenthesis = "("
    case closeParenthesis = ")"
    case openBracket = "["
    case closeBracket = "]"
    case openBrace = "{"
    case closeBrace = "}"

    /// The symbols by their one or two bytes.
    static let spelled: [UInt16: TemplateSymbol] = Dictionary(
        uniqueKeysWithValues: allCases.map { ($0.rawValue.utf8.reduce(0) { $0 << 8 | UInt16($1) }, $0) }
    )

    /// The bracket that closes this one.
    var closing: TemplateSymbol? {
        switch self {
        case .openParenthesis: .closeParenthesis
        case .openBracket: .closeBracket
        case .openBrace: .closeBrace
        default: nil
        }
    }

    var isClosing: Bool { self == .closeParenthesis || self == .closeBracket || self == .closeBrace }
}
