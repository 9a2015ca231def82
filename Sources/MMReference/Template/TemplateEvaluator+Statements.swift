internal import MMBytes

extension TemplateEvaluator {
    mutating func run(_ statements: [TemplateStatement]) throws(TemplateError) -> Flow {
        for statement in statements {
            try enter(statement.position)
            let flow = try run(statement)
            depth -= 1
            if flow != .onward { return flow }
        }
        return .onward
    }

    private mutating func run(_ statement: TemplateStatement) throws(TemplateError) -> Flow {
        switch statement.kind {
        case .text(let text): try write(text.bytes)
        case .output(let expression):
            // Markup that is written at once is its text; joined to others it would escape them.
            let isSafe = if case .filter(_, let call) = expression.kind { call.name == "safe" } else { false }
            let value =
                if isSafe, case .filter(let inner, _) = expression.kind {
                    try evaluate(inner)
                } else {
                    try evaluate(expression)
                }
            position = statement.position
            try write(try text(of: value))
        case .condition(let branches, let otherwise):
            for branch in branches where try evaluate(branch.condition).isTrue { return try run(branch.body) }
            return try run(otherwise)
        case .loop(let loop): try run(loop, at: statement.position)
        case .assign(let target, let expression): try assign(target, try evaluate(expression), at: statement.position)
        case .capture(let capture): try run(capture, at: statement.position)
        case .macro(let macro):
            assign(macro.name, .macro(macros.count))
            macros.append(DefinedMacro(macro: macro, captured: Array(scopes.dropFirst())))
            try spend(scopes.count)
        case .scope(let statements):
            scopes.append([:])
            let flow = try run(statements)
            scopes.removeLast()
            return flow
        case .stopLoop: return .stopLoop
        case .nextElement: return .nextElement
        }
        return .onward
    }

    private mutating func run(
        _ loop: TemplateStatement.Loop,
        at position: TemplatePosition
    ) throws(TemplateError) {
        let sequence = try evaluate(loop.sequence)
        self.position = position
        var elements = try self.elements(of: sequence)
        if let filter = loop.filter {
            var kept: [TemplateValue] = []
            for element in elements {
                scopes.append([:])
                try assign(loop.target, element, at: position)
                if try evaluate(filter).isTrue { kept.append(element) }
                scopes.removeLast()
            }
            elements = kept
        }
        guard !elements.isEmpty else {
            // The else branch has names of its own, as the body has.
            scopes.append([:])
            _ = try run(loop.otherwise)
            scopes.removeLast()
            return
        }
        let list = TemplateList(elements)
        for index in elements.indices {
            try spend(2)
            scopes.append(["loop": .loop(TemplateLoop(list: list, index: index))])
            try assign(loop.target, elements[index], at: position)
            let flow = try run(loop.body)
            scopes.removeLast()
            if flow == .stopLoop { break }
        }
    }

    mutating func assign(
        _ target: TemplateTarget,
        _ value: TemplateValue,
        at position: TemplatePosition
    ) throws(TemplateError) {
        self.position = position
        switch target {
        case .name(let name): assign(name, value)
        case .member(let name, let member):
            let found = self.value(of: name)
            guard case .namespace(let index) = found else { throw wrongType("assignment to a member", found) }
            guard !member.hasPrefix("_") else { throw unsupported("the member \(member) of a namespace") }
            namespaces[index].set(member, to: value)
            try check(depth: namespaces[index].depth)
        case .tuple(let targets):
            let elements = try self.elements(of: value)
            guard elements.count == targets.count else {
                throw failure(.wrongValue("\(elements.count) values cannot be given to \(targets.count) names"))
            }
            for (target, element) in zip(targets, elements) { try assign(target, element, at: position) }
        }
    }

    private mutating func run(
        _ capture: TemplateStatement.Capture,
        at position: TemplatePosition
    ) throws(TemplateError) {
        scopes.append([:])
        let text = try captured { (evaluator) throws(TemplateError) in _ = try evaluator.run(capture.body) }
        scopes.removeLast()
        try assign(capture.target, .string(ByteString(text)), at: position)
        if let shaping = capture.shaping { try assign(capture.target, try evaluate(shaping), at: position) }
    }

    /// What statements write.
    mutating func captured(
        _ body: (inout TemplateEvaluator) throws(TemplateError) -> Void
    ) throws(TemplateError) -> [UInt8] {
        var outer: [UInt8] = []
        swap(&outer, &output)
        try body(&self)
        swap(&outer, &output)
        return outer
    }

    /// Calls a macro: its body sees the names around its definition, and its parameters.
    mutating func call(_ index: Int, _ arguments: TemplateArguments) throws(TemplateError) -> TemplateValue {
        let defined = macros[index]
        let names = defined.macro.parameters.map(\.name)
        let values = try bind(arguments, to: names, of: "the macro \(defined.macro.name)")
        let caller = scopes
        scopes = [caller[0]] + defined.captured
        // A macro of an inner scope finds itself.
        scopes.append([defined.macro.name: .macro(index)])
        scopes.append([:])
        try spend(scopes.count + names.count)
        for (parameter, value) in zip(defined.macro.parameters, values) {
            if let value {
                assign(parameter.name, value)
            } else if let standard = parameter.standard {
                let value = try evaluate(standard)
                assign(parameter.name, value)
            } else {
                assign(parameter.name, .undefined("the parameter \"\(parameter.name)\""))
            }
        }
        let text = try captured { (evaluator) throws(TemplateError) in _ = try evaluator.run(defined.macro.body) }
        scopes = caller
        return .string(ByteString(text))
    }
}
