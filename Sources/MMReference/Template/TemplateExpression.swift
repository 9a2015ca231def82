internal import MMBytes

/// An expression of a template, with its place.
struct TemplateExpression: Sendable {
    enum Arithmetic: Sendable { case add, subtract, multiply, divide, floorDivide, modulo, power }
    enum Comparison: String, Sendable {
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case isIn = "in"
        case isNotIn = "not in"
    }

    indirect enum Kind: Sendable {
        case literal(TemplateValue)
        case name(ByteString)
        case list([TemplateExpression])
        case tuple([TemplateExpression])
        case dictionary(keys: [TemplateExpression], values: [TemplateExpression])
        case attribute(TemplateExpression, ByteString)
        case subscripted(TemplateExpression, TemplateExpression)
        case slice(TemplateExpression, start: TemplateExpression?, stop: TemplateExpression?, step: TemplateExpression?)
        case call(TemplateExpression, TemplateCall)
        case filter(TemplateExpression, TemplateCall)
        case test(TemplateExpression, TemplateCall)
        case not(TemplateExpression)
        case negative(TemplateExpression)
        case positive(TemplateExpression)
        case arithmetic(Arithmetic, TemplateExpression, TemplateExpression)
        case comparison(TemplateExpression, [(Comparison, TemplateExpression)])
        case concatenation([TemplateExpression])
        case and(TemplateExpression, TemplateExpression)
        case or(TemplateExpression, TemplateExpression)
        case conditional(TemplateExpression, then: TemplateExpression, otherwise: TemplateExpression?)
    }

    let kind: Kind
    let position: TemplatePosition
    /// Levels of expressions in this one, itself counted.
    let depth: Int
}
