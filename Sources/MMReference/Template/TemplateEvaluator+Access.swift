internal import MMBytes

extension TemplateEvaluator {
    /// jinja2's `owner.name`: a method or attribute of Python's first, then a member.
    func attribute(_ name: ByteString, of owner: TemplateValue) throws(TemplateError) -> TemplateValue {
        guard !name.hasPrefix("__") else { throw unsupported("the attribute \(name)") }
        switch owner {
        case .undefined(let what): throw failure(.undefined(what))
        case .dictionary(let dictionary):
            if Self.dictionaryMethods.contains(name) { return .method(owner, name) }
            return dictionary[name] ?? .undefined("\"\(name)\" of a dictionary")
        case .string where Self.stringMethods.contains(name): return .method(owner, name)
        case .list where Self.listMethods.contains(name): return .method(owner, name)
        case .tuple where name == "count" || name == "index": return .method(owner, name)
        case .integer where Self.numberAttributes.contains(name), .double where Self.numberAttributes.contains(name),
            .bool where Self.numberAttributes.contains(name), .macro:
            throw unsupported("the attribute \(name) of \(owner.typeName)")
        case .namespace(let index):
            return namespaces[index][name] ?? .undefined("\"\(name)\" of a namespace")
        case .loop(let loop): return try member(name, of: loop)
        default: return .undefined("\"\(name)\" of \(owner.typeName)")
        }
    }

    private func member(_ name: ByteString, of loop: TemplateLoop) throws(TemplateError) -> TemplateValue {
        let elements = loop.list.elements
        switch name {
        case "index": return .integer(loop.index + 1)
        case "index0": return .integer(loop.index)
        case "revindex": return .integer(elements.count - loop.index)
        case "revindex0": return .integer(elements.count - loop.index - 1)
        case "first": return .bool(loop.index == 0)
        case "last": return .bool(loop.index + 1 == elements.count)
        case "length": return .integer(elements.count)
        case "depth": return .integer(1)
        case "depth0": return .integer(0)
        case "previtem":
            return loop.index > 0 ? elements[loop.index - 1] : .undefined("the element before the first")
        case "nextitem":
            return loop.index + 1 < elements.count ? elements[loop.index + 1] : .undefined("the element after the last")
        case "cycle": return .method(.loop(loop), name)
        case "changed": throw unsupported("loop.changed")
        default: return .undefined("\"\(name)\" of a loop")
        }
    }

    /// jinja2's `owner[key]`: an element first, then an attribute; undefined where there is neither.
    mutating func element(_ key: TemplateValue, of owner: TemplateValue) throws(TemplateError) -> TemplateValue {
        if case .undefined(let what) = owner { throw failure(.undefined(what)) }
        switch owner {
        case .dictionary(let dictionary):
            if let place = try place(of: key), let value = dictionary[place] { return value }
        case .list(let list), .tuple(let list):
            if let index = key.integer {
                let place = index < 0 ? list.elements.count.adding(index) ?? -1 : index
                return list.elements.indices.contains(place)
                    ? list.elements[place] : .undefined("element \(index) of \(list.elements.count)")
            }
        case .string(let text):
            if let index = key.integer {
                try spend(text.count)
                let scalars = TemplateText.scalars(text)
                let place = index < 0 ? scalars.count.adding(index) ?? -1 : index
                return scalars.indices.contains(place)
                    ? .text(String(scalars[place]).utf8) : .undefined("character \(index) of \(scalars.count)")
            }
        default: break
        }
        return key.string == nil
            ? .undefined("an element of \(owner.typeName)") : try attribute(key.string ?? "", of: owner)
    }

    /// Python's slice.
    mutating func slice(
        of owner: TemplateValue,
        start: Int?,
        stop: Int?,
        step: Int?
    ) throws(TemplateError) -> TemplateValue {
        let step = step ?? 1
        guard step != 0 else { throw failure(.wrongValue("a slice with the step 0")) }
        switch owner {
        case .undefined(let what): throw failure(.undefined(what))
        case .list(let list):
            return try self.list(Self.indices(list.elements.count, start, stop, step).map { list.elements[$0] })
        case .tuple(let list):
            return try tuple(Self.indices(list.elements.count, start, stop, step).map { list.elements[$0] })
        case .string(let text):
            try spend(text.count)
            let scalars = TemplateText.scalars(text)
            let chosen = Self.indices(scalars.count, start, stop, step).map { scalars[$0] }
            return .string(TemplateText.joined(chosen))
        default: throw wrongType("a slice", owner)
        }
    }

    /// The indices of Python's `slice.indices`.
    private static func indices(_ count: Int, _ start: Int?, _ stop: Int?, _ step: Int) -> [Int] {
        let isForward = step > 0
        let lowest = isForward ? 0 : -1
        let highest = isForward ? count : count - 1
        func place(_ bound: Int?, _ standard: Int) -> Int {
            guard let bound else { return standard }
            return min(max(bound < 0 ? bound.adding(count) ?? lowest : bound, lowest), highest)
        }
        let first = place(start, isForward ? lowest : highest)
        let end = place(stop, isForward ? highest : lowest)
        var result: [Int] = []
        var index = first
        while isForward ? index < end : index > end {
            result.append(index)
            guard let next = index.adding(step) else { break }
            index = next
        }
        return result
    }

    // MARK: Names of Python's types

    /// The methods of Python's `str`, whether they are supported or not.
    static let stringMethods: Set<ByteString> = [
        "capitalize", "casefold", "center", "count", "encode", "endswith", "expandtabs", "find", "format", "format_map",
        "index", "isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier", "islower", "isnumeric",
        "isprintable", "isspace", "istitle", "isupper", "join", "ljust", "lower", "lstrip", "maketrans", "partition",
        "removeprefix", "removesuffix", "replace", "rfind", "rindex", "rjust", "rpartition", "rsplit", "rstrip",
        "split",
        "splitlines", "startswith", "strip", "swapcase", "title", "translate", "upper", "zfill",
    ]
    static let listMethods: Set<ByteString> = [
        "append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove", "reverse", "sort",
    ]
    static let dictionaryMethods: Set<ByteString> = [
        "clear", "copy", "fromkeys", "get", "items", "keys", "pop", "popitem", "setdefault", "update", "values",
    ]
    private static let numberAttributes: Set<ByteString> = [
        "as_integer_ratio", "bit_count", "bit_length", "conjugate", "denominator", "from_bytes", "fromhex", "hex",
        "imag",
        "is_integer", "numerator", "real", "to_bytes",
    ]
}
