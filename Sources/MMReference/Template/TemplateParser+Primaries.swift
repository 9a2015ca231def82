internal import MMBytes

extension TemplateParser {
    mutating func primary() throws(TemplateError) -> TemplateExpression {
        let position = current.position
        switch current.kind {
        case .name(let name):
            advance()
            return try make(Self.constant(name).map { .literal($0) } ?? .name(name), at: position, over: [])
        case .string(let first):
            advance()
            var text = first.bytes
            while case .string(let more) = current.kind {
                text += more.bytes
                advance()
            }
            return try make(.literal(.string(ByteString(text))), at: position, over: [])
        case .integer(let integer):
            advance()
            return try make(.literal(.integer(integer)), at: position, over: [])
        case .double(let double):
            advance()
            return try make(.literal(.double(double)), at: position, over: [])
        case .symbol(.openParenthesis):
            advance()
            if skip(.closeParenthesis) { return try make(.tuple([]), at: position, over: []) }
            let value = try tuple()
            try expect(.symbol(.closeParenthesis))
            return value
        case .symbol(.openBracket):
            advance()
            let elements = try list(until: .closeBracket)
            return try make(.list(elements), at: position, over: elements)
        case .symbol(.openBrace):
            advance()
            return try dictionary(at: position)
        default: throw unexpected("an expression")
        }
    }

    private static func constant(_ name: ByteString) -> TemplateValue? {
        switch name {
        case "true", "True": .bool(true)
        case "false", "False": .bool(false)
        case "none", "None": .null
        default: nil
        }
    }

    private mutating func list(until end: TemplateSymbol) throws(TemplateError) -> [TemplateExpression] {
        var elements: [TemplateExpression] = []
        while !skip(end) {
            if !elements.isEmpty {
                try expect(.symbol(.comma))
                if skip(end) { break }
            }
            elements.append(try expression())
        }
        return elements
    }

    private mutating func dictionary(at position: TemplatePosition) throws(TemplateError) -> TemplateExpression {
        var keys: [TemplateExpression] = []
        var values: [TemplateExpression] = []
        while !skip(.closeBrace) {
            if !keys.isEmpty {
                try expect(.symbol(.comma))
                if skip(.closeBrace) { break }
            }
            keys.append(try expression())
            try expect(.symbol(.colon))
            values.append(try expression())
        }
        return try make(.dictionary(keys: keys, values: values), at: position, over: keys + values)
    }

    /// Members, subscripts and calls.
    mutating func postfix(over value: TemplateExpression) throws(TemplateError) -> TemplateExpression {
        var value = value
        while true {
            let position = current.position
            if skip(.dot) {
                value = try member(of: value, at: position)
            } else if skip(.openBracket) {
                value = try subscripted(value, at: position)
            } else if current.kind == .symbol(.openParenthesis) {
                let call = try arguments()
                value = try make(.call(value, call), at: position, over: [value] + call.expressions)
            } else {
                return value
            }
        }
    }

    private mutating func member(
        of value: TemplateExpression,
        at position: TemplatePosition
    ) throws(TemplateError) -> TemplateExpression {
        if case .integer(let index) = current.kind {
            let key = try make(.literal(.integer(index)), at: current.position, over: [])
            advance()
            return try make(.subscripted(value, key), at: position, over: [value])
        }
        return try make(.attribute(value, try name()), at: position, over: [value])
    }

    private mutating func subscripted(
        _ value: TemplateExpression,
        at position: TemplatePosition
    ) throws(TemplateError) -> TemplateExpression {
        var bounds: [TemplateExpression?] = [nil]
        while current.kind != .symbol(.closeBracket) {
            if skip(.colon) {
                bounds.append(nil)
            } else {
                guard bounds[bounds.count - 1] == nil else { throw unexpected("\":\" or \"]\"") }
                bounds[bounds.count - 1] = try expression()
            }
            if current.kind == .symbol(.comma) { throw unsupported("a subscript of several parts") }
        }
        try expect(.symbol(.closeBracket))
        guard bounds.count > 1 else {
            guard let key = bounds[0] else { throw unexpected("a subscript") }
            return try make(.subscripted(value, key), at: position, over: [value, key])
        }
        guard bounds.count <= 3 else { throw unexpected("a slice of three parts at most") }
        let step = bounds.count > 2 ? bounds[2] : nil
        return try make(
            .slice(value, start: bounds[0], stop: bounds[1], step: step),
            at: position,
            over: [value] + bounds.compactMap { $0 }
        )
    }

    /// The arguments of a call in their parentheses.
    private mutating func arguments() throws(TemplateError) -> TemplateCall {
        try expect(.symbol(.openParenthesis))
        var call = TemplateCall()
        var isFirst = true
        while !skip(.closeParenthesis) {
            if !isFirst {
                try expect(.symbol(.comma))
                if skip(.closeParenthesis) { break }
            }
            isFirst = false
            if current.kind == .symbol(.times) || current.kind == .symbol(.power) {
                throw unsupported("unpacking of arguments with * or **")
            }
            if case .name(let name) = current.kind, next == .symbol(.assign) {
                advance()
                advance()
                call.named.append((name, try expression()))
            } else {
                guard call.named.isEmpty else { throw unexpected("a named argument") }
                call.positional.append(try expression())
            }
        }
        return call
    }

    /// Filters, tests, and calls of what they give.
    mutating func filters(over value: TemplateExpression) throws(TemplateError) -> TemplateExpression {
        var value = value
        while true {
            let position = current.position
            if skip(.pipe) {
                let name = try self.name()
                if current.kind == .symbol(.dot) { throw unsupported("the filter \(name).…") }
                var call = current.kind == .symbol(.openParenthesis) ? try arguments() : TemplateCall()
                call.name = name
                value = try make(.filter(value, call), at: position, over: [value] + call.expressions)
            } else if skip(word: "is") {
                value = try test(of: value, at: position)
            } else if current.kind == .symbol(.openParenthesis) {
                let call = try arguments()
                value = try make(.call(value, call), at: position, over: [value] + call.expressions)
            } else {
                return value
            }
        }
    }

    private mutating func test(
        of value: TemplateExpression,
        at position: TemplatePosition
    ) throws(TemplateError) -> TemplateExpression {
        let isNegated = skip(word: "not")
        let name = try self.name()
        var call = TemplateCall()
        switch current.kind {
        case .symbol(.openParenthesis): call = try arguments()
        case .name("else"), .name("or"), .name("and"): break
        case .name("is"): throw unexpected("one test, not a chain of them")
        case .name, .string, .integer, .double, .symbol(.openBracket), .symbol(.openBrace):
            call.positional = [try postfix(over: try primary())]
        default: break
        }
        call.name = name
        let test = try make(.test(value, call), at: position, over: [value] + call.expressions)
        return isNegated ? try make(.not(test), at: position, over: [test]) : test
    }
}
