internal import MMBytes

/// Reads statements from tokens, with the grammar of jinja2's parser.py.
struct TemplateParser {
    let tokens: [TemplateToken]
    let limits: TemplateLimits
    var index = 0
    private var nesting = 0
    /// Whether a macro is being read, and loops around the statement inside it.
    private var isInMacro = false
    private var loopDepth = 0

    static func statements(
        of source: [UInt8],
        limits: TemplateLimits
    ) throws(TemplateError) -> [TemplateStatement] {
        var parser = TemplateParser(try TemplateLexer.tokens(of: source, limits: limits), limits)
        return try parser.body(until: []).statements
    }

    private init(_ tokens: [TemplateToken], _ limits: TemplateLimits) {
        self.tokens = tokens
        self.limits = limits
    }

    // MARK: Tokens

    /// The last token is the end, which nothing moves past.
    var current: TemplateToken { tokens[index] }

    var next: TemplateToken.Kind? { index + 1 < tokens.count ? tokens[index + 1].kind : nil }

    mutating func advance() {
        if index + 1 < tokens.count { index += 1 }
    }

    mutating func skip(_ symbol: TemplateSymbol) -> Bool {
        guard current.kind == .symbol(symbol) else { return false }
        advance()
        return true
    }

    mutating func skip(word: ByteString) -> Bool {
        guard current.kind == .name(word) else { return false }
        advance()
        return true
    }

    mutating func expect(_ kind: TemplateToken.Kind) throws(TemplateError) {
        guard current.kind == kind else {
            throw unexpected(TemplateToken(kind: kind, position: current.position).shown)
        }
        advance()
    }

    mutating func name() throws(TemplateError) -> ByteString {
        guard case .name(let name) = current.kind else { throw unexpected("a name") }
        advance()
        return name
    }

    func unexpected(_ expected: String) -> TemplateError {
        TemplateError(.syntax(found: current.shown, expected: expected), at: current.position)
    }

    func unsupported(_ what: String) -> TemplateError { TemplateError(.unsupported(what), at: current.position) }

    mutating func enter() throws(TemplateError) {
        nesting += 1
        guard nesting <= limits.nestingDepth else {
            throw TemplateError(
                .tooLarge("nested brackets and blocks", allowed: limits.nestingDepth),
                at: current.position
            )
        }
    }

    mutating func leave() { nesting -= 1 }

    // MARK: Statements

    /// Statements up to a block that begins with one of `ends`, whose word is read and given; empty for the end.
    private mutating func body(
        until ends: [ByteString]
    ) throws(TemplateError) -> (statements: [TemplateStatement], end: ByteString) {
        try enter()
        var statements: [TemplateStatement] = []
        while true {
            let position = current.position
            switch current.kind {
            case .text(let text):
                advance()
                statements.append(TemplateStatement(kind: .text(text), position: position))
            case .outputBegin:
                advance()
                let expression = try tuple()
                try expect(.outputEnd)
                statements.append(TemplateStatement(kind: .output(expression), position: position))
            case .blockBegin:
                advance()
                let word = try name()
                if ends.contains(word) {
                    leave()
                    return (statements, word)
                }
                statements.append(TemplateStatement(kind: try block(word, at: position), position: position))
            case .end where ends.isEmpty:
                leave()
                return (statements, "")
            default:
                throw unexpected(ends.isEmpty ? "text" : ends.map { "{% \($0) %}" }.joined(separator: " or "))
            }
        }
    }

    private mutating func block(
        _ word: ByteString,
        at position: TemplatePosition
    ) throws(TemplateError) -> TemplateStatement.Kind {
        switch word {
        case "if": return try condition()
        case "for": return try loop()
        case "set": return try assignment()
        case "macro": return try macro(at: position)
        case "generation":
            try expect(.blockEnd)
            let content = try body(until: ["endgeneration"]).statements
            try expect(.blockEnd)
            return .scope(content)
        case "break", "continue":
            guard loopDepth > 0 else {
                throw TemplateError(.syntax(found: "\"\(word)\"", expected: "a loop around it"), at: position)
            }
            try expect(.blockEnd)
            return word == "break" ? .stopLoop : .nextElement
        case "endif", "endfor", "endset", "endmacro", "endgeneration", "else", "elif", "endraw":
            throw TemplateError(.syntax(found: "\"\(word)\"", expected: "its opening block before it"), at: position)
        default: throw TemplateError(.unsupported("the block {% \(word) %}"), at: position)
        }
    }

    private mutating func condition() throws(TemplateError) -> TemplateStatement.Kind {
        var branches: [TemplateStatement.Branch] = []
        while true {
            let condition = try tuple(allowsConditional: false)
            try expect(.blockEnd)
            let (statements, end) = try body(until: ["elif", "else", "endif"])
            branches.append(TemplateStatement.Branch(condition: condition, body: statements))
            if end == "elif" { continue }
            var otherwise: [TemplateStatement] = []
            if end == "else" {
                try expect(.blockEnd)
                otherwise = try body(until: ["endif"]).statements
            }
            try expect(.blockEnd)
            return .condition(branches, otherwise: otherwise)
        }
    }

    private mutating func loop() throws(TemplateError) -> TemplateStatement.Kind {
        let target = try self.target(allowsMember: false)
        try expect(.name("in"))
        var loop = TemplateStatement.Loop(target: target, sequence: try tuple(allowsConditional: false))
        if skip(word: "if") { loop.filter = try expression() }
        if current.kind == .name("recursive") { throw unsupported("a recursive loop") }
        try expect(.blockEnd)
        loopDepth += 1
        let (statements, end) = try body(until: ["else", "endfor"])
        loopDepth -= 1
        loop.body = statements
        if end == "else" {
            try expect(.blockEnd)
            loop.otherwise = try body(until: ["endfor"]).statements
        }
        try expect(.blockEnd)
        return .loop(loop)
    }

    private mutating func assignment() throws(TemplateError) -> TemplateStatement.Kind {
        let start = current.position
        let target = try self.target(allowsMember: true)
        if skip(.assign) {
            let value = try tuple()
            try expect(.blockEnd)
            return .assign(target, value)
        }
        var shaping: TemplateExpression?
        if current.kind == .symbol(.pipe) {
            guard case .name(let name) = target else { throw unsupported("a filter on the block of such a target") }
            shaping = try filters(over: try make(.name(name), at: start, over: []))
        }
        try expect(.blockEnd)
        let content = try body(until: ["endset"]).statements
        try expect(.blockEnd)
        return .capture(TemplateStatement.Capture(target: target, shaping: shaping, body: content))
    }

    private mutating func macro(at position: TemplatePosition) throws(TemplateError) -> TemplateStatement.Kind {
        guard !isInMacro else { throw TemplateError(.unsupported("a macro inside a macro"), at: position) }
        let outerLoops = loopDepth
        loopDepth = 0
        isInMacro = true
        var macro = TemplateStatement.Macro(name: try name())
        try expect(.symbol(.openParenthesis))
        while !skip(.closeParenthesis) {
            if !macro.parameters.isEmpty { try expect(.symbol(.comma)) }
            let name = try self.name()
            let standard = skip(.assign) ? try expression() : nil
            if standard == nil, macro.parameters.last?.standard != nil { throw unexpected("a default value") }
            macro.parameters.append((name, standard))
        }
        try expect(.blockEnd)
        macro.body = try body(until: ["endmacro"]).statements
        try expect(.blockEnd)
        loopDepth = outerLoops
        isInMacro = false
        return .macro(macro)
    }

    private mutating func target(allowsMember: Bool) throws(TemplateError) -> TemplateTarget {
        var parts: [TemplateTarget] = []
        var isTuple = false
        repeat {
            if isTuple, !parts.isEmpty, current.kind == .symbol(.assign) || current.kind == .name("in") { break }
            let isBracketed = skip(.openParenthesis)
            if isBracketed {
                try enter()
                parts.append(try target(allowsMember: allowsMember))
                leave()
                try expect(.symbol(.closeParenthesis))
            } else {
                let name = try self.name()
                if allowsMember, skip(.dot) {
                    parts.append(.member(name, try self.name()))
                } else {
                    parts.append(.name(name))
                }
            }
            if current.kind == .symbol(.comma) { isTuple = true }
        } while skip(.comma)
        return isTuple ? .tuple(parts) : parts[0]
    }
}
