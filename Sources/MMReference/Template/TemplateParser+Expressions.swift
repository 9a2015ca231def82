internal import MMBytes

extension TemplateParser {
    /// An expression over others, whose depth is held to the limit.
    func make(
        _ kind: TemplateExpression.Kind,
        at position: TemplatePosition,
        over parts: [TemplateExpression]
    ) throws(TemplateError) -> TemplateExpression {
        var depth = 0
        for part in parts { depth = max(depth, part.depth) }
        guard depth < limits.expressionDepth else {
            throw TemplateError(.tooLarge("levels of an expression", allowed: limits.expressionDepth), at: position)
        }
        return TemplateExpression(kind: kind, position: position, depth: depth + 1)
    }

    /// One expression, or several with commas between them as a tuple.
    mutating func tuple(allowsConditional: Bool = true) throws(TemplateError) -> TemplateExpression {
        let position = current.position
        let first = allowsConditional ? try expression() : try disjunction()
        guard current.kind == .symbol(.comma) else { return first }
        var elements = [first]
        while skip(.comma) {
            if endsTuple { break }
            elements.append(allowsConditional ? try expression() : try disjunction())
        }
        return try make(.tuple(elements), at: position, over: elements)
    }

    private var endsTuple: Bool {
        switch current.kind {
        case .outputEnd, .blockEnd, .symbol(.closeParenthesis), .symbol(.closeBracket): true
        default: false
        }
    }

    /// `a if b else c`, or what binds tighter.
    mutating func expression() throws(TemplateError) -> TemplateExpression {
        try enter()
        defer { leave() }
        var value = try disjunction()
        while current.kind == .name("if") {
            let position = current.position
            advance()
            let condition = try disjunction()
            let otherwise = skip(word: "else") ? try expression() : nil
            let parts = [value, condition] + (otherwise.map { [$0] } ?? [])
            value = try make(.conditional(condition, then: value, otherwise: otherwise), at: position, over: parts)
        }
        return value
    }

    private mutating func disjunction() throws(TemplateError) -> TemplateExpression {
        var left = try conjunction()
        while current.kind == .name("or") {
            let position = current.position
            advance()
            let right = try conjunction()
            left = try make(.or(left, right), at: position, over: [left, right])
        }
        return left
    }

    private mutating func conjunction() throws(TemplateError) -> TemplateExpression {
        var left = try negation()
        while current.kind == .name("and") {
            let position = current.position
            advance()
            let right = try negation()
            left = try make(.and(left, right), at: position, over: [left, right])
        }
        return left
    }

    private mutating func negation() throws(TemplateError) -> TemplateExpression {
        let position = current.position
        var count = 0
        while skip(word: "not") { count += 1 }
        var value = try comparison()
        // More than two negations say what one or two say.
        for _ in 0..<(count > 2 ? 2 - count % 2 : count) { value = try make(.not(value), at: position, over: [value]) }
        return value
    }

    private mutating func comparison() throws(TemplateError) -> TemplateExpression {
        let first = try arithmetic(level: 0)
        let position = current.position
        var rest: [(TemplateExpression.Comparison, TemplateExpression)] = []
        while let comparison = comparisonSign() { rest.append((comparison, try arithmetic(level: 0))) }
        return rest.isEmpty ? first : try make(.comparison(first, rest), at: position, over: [first] + rest.map(\.1))
    }

    private mutating func comparisonSign() -> TemplateExpression.Comparison? {
        switch current.kind {
        case .symbol(let symbol):
            guard let comparison = TemplateExpression.Comparison(rawValue: symbol.rawValue) else { return nil }
            advance()
            return comparison
        case .name("in"):
            advance()
            return .isIn
        case .name("not") where next == .name("in"):
            advance()
            advance()
            return .isNotIn
        default: return nil
        }
    }

    /// The operators of each level, loosest first; a level's operators bind to the left.
    private static let levels: [[TemplateSymbol]] = [
        [.plus, .minus], [.concatenate], [.times, .divide, .floorDivide, .modulo], [.power],
    ]

    private mutating func arithmetic(level: Int) throws(TemplateError) -> TemplateExpression {
        guard level < Self.levels.count else { return try unary(takesFilters: true) }
        let first = try arithmetic(level: level + 1)
        var left = first
        var joined: [TemplateExpression] = []
        while case .symbol(let symbol) = current.kind, Self.levels[level].contains(symbol) {
            let position = current.position
            advance()
            let right = try arithmetic(level: level + 1)
            if let operation = Self.operation(symbol) {
                left = try make(.arithmetic(operation, left, right), at: position, over: [left, right])
            } else {
                joined.append(right)
            }
        }
        guard !joined.isEmpty else { return left }
        return try make(.concatenation([first] + joined), at: first.position, over: [first] + joined)
    }

    private static func operation(_ symbol: TemplateSymbol) -> TemplateExpression.Arithmetic? {
        switch symbol {
        case .plus: .add
        case .minus: .subtract
        case .times: .multiply
        case .divide: .divide
        case .floorDivide: .floorDivide
        case .modulo: .modulo
        case .power: .power
        default: nil
        }
    }

    private mutating func unary(takesFilters: Bool) throws(TemplateError) -> TemplateExpression {
        let position = current.position
        guard current.kind == .symbol(.minus) || current.kind == .symbol(.plus) else {
            let value = try postfix(over: try primary())
            return takesFilters ? try filters(over: value) : value
        }
        try enter()
        defer { leave() }
        let isNegative = current.kind == .symbol(.minus)
        advance()
        let operand = try unary(takesFilters: false)
        let value = try make(isNegative ? .negative(operand) : .positive(operand), at: position, over: [operand])
        return takesFilters ? try filters(over: value) : value
    }
}
