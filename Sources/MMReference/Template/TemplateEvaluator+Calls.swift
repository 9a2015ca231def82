internal import MMBytes

extension TemplateEvaluator {
    func bind(
        _ arguments: TemplateArguments,
        to parameters: [ByteString],
        of callee: String
    ) throws(TemplateError) -> [TemplateValue?] {
        do {
            return try arguments.bound(to: parameters, of: callee)
        } catch {
            throw failure(error.reason)
        }
    }

    /// An argument that must be given.
    func required(_ value: TemplateValue?, of callee: String) throws(TemplateError) -> TemplateValue {
        guard let value else { throw failure(.wrongValue("\(callee) lacks an argument")) }
        return value
    }

    /// A whole number; nil where none is given.
    func integer(_ value: TemplateValue?, of callee: String) throws(TemplateError) -> Int? {
        guard let value else { return nil }
        guard let integer = value.integer else { throw wrongType("\(callee)", value) }
        return integer
    }

    func string(_ value: TemplateValue?, of callee: String) throws(TemplateError) -> ByteString? {
        guard let value else { return nil }
        guard let string = value.string else { throw wrongType("\(callee)", value) }
        return string
    }

    mutating func call(_ callee: TemplateValue, _ arguments: TemplateArguments) throws(TemplateError) -> TemplateValue {
        switch callee {
        case .function(let function): return try call(function, arguments)
        case .macro(let index): return try call(index, arguments)
        case .method(.string(let text), let name): return try call(name, of: text, arguments)
        case .method(.dictionary(let dictionary), let name): return try call(name, of: dictionary, arguments)
        case .method(.list(let list), let name), .method(.tuple(let list), let name):
            return try call(name, of: list, arguments)
        case .method(.loop(let loop), _):
            guard !arguments.positional.isEmpty else { throw failure(.wrongValue("loop.cycle lacks an argument")) }
            return arguments.positional[loop.index % arguments.positional.count]
        case .loop: throw unsupported("a recursive loop")
        default: throw wrongType("a call", callee)
        }
    }

    private mutating func call(
        _ function: TemplateFunction,
        _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let callee = function.rawValue
        switch function {
        case .raiseException:
            let message = try required(try bind(arguments, to: ["message"], of: callee)[0], of: callee)
            throw failure(.raised(try soft(message)))
        case .strftimeNow:
            let format = try required(try bind(arguments, to: ["format"], of: callee)[0], of: callee)
            return try date(try string(format, of: callee) ?? "")
        case .range: return try range(arguments)
        case .namespace:
            let members = try dictionary(arguments, of: callee)
            for case .string(let name) in members.keys where name.hasPrefix("_") {
                throw unsupported("the member \(name) of a namespace")
            }
            namespaces.append(members)
            return .namespace(namespaces.count - 1)
        case .dict: return .dictionary(try dictionary(arguments, of: callee))
        }
    }

    private func date(_ format: ByteString) throws(TemplateError) -> TemplateValue {
        guard let secondsSince1970 else { throw failure(.clock) }
        guard let date = TemplateDate(secondsSince1970: secondsSince1970) else {
            throw failure(.wrongValue("the moment \(secondsSince1970) has no date"))
        }
        let (text, unknown) = date.text(format)
        if let unknown { throw unsupported("the conversion \(ByteString(unknown)) of strftime_now") }
        return .string(ByteString(text))
    }

    private mutating func range(_ arguments: TemplateArguments) throws(TemplateError) -> TemplateValue {
        guard arguments.named.isEmpty, (1...3).contains(arguments.positional.count) else {
            throw failure(.wrongValue("range takes one to three numbers"))
        }
        var numbers: [Int] = []
        for value in arguments.positional { numbers.append(try integer(value, of: "range") ?? 0) }
        let start = numbers.count > 1 ? numbers[0] : 0
        let stop = numbers.count > 1 ? numbers[1] : numbers[0]
        let step = numbers.count > 2 ? numbers[2] : 1
        guard step != 0 else { throw failure(.wrongValue("range with the step 0")) }
        var elements: [TemplateValue] = []
        var value = start
        while step > 0 ? value < stop : value > stop {
            guard elements.count < limits.rangeCount else {
                throw failure(.tooLarge("elements of a range", allowed: limits.rangeCount))
            }
            elements.append(.integer(value))
            guard let next = value.adding(step) else { break }
            value = next
        }
        return try list(elements)
    }

    /// Python's `dict(...)`: a dictionary or pairs, then named members.
    private mutating func dictionary(
        _ arguments: TemplateArguments,
        of callee: String
    ) throws(TemplateError) -> TemplateDictionary {
        guard arguments.positional.count <= 1 else { throw unsupported("that many arguments of \(callee)") }
        var result = TemplateDictionary()
        switch arguments.positional.first {
        case nil: break
        case .dictionary(let dictionary):
            try spend(dictionary.count.multiplied(by: 4) ?? Int.max)
            result = dictionary
        case .some(let value):
            for pair in try elements(of: value) {
                let parts = try elements(of: pair)
                guard parts.count == 2 else { throw failure(.wrongValue("\(callee) takes pairs")) }
                try set(parts[0], in: &result, to: parts[1])
            }
        }
        for argument in arguments.named { try set(.string(argument.name), in: &result, to: argument.value) }
        return result
    }
}
