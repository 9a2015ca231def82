internal import MMBytes

/// Renders the statements of a template; every operation is counted against the limits.
struct TemplateEvaluator {
    /// What follows a statement.
    enum Flow { case onward, stopLoop, nextElement }

    struct DefinedMacro {
        var macro: TemplateStatement.Macro
        /// The names around the definition, but for the global ones, which stay live.
        var captured: [[ByteString: TemplateValue]]
    }

    let limits: TemplateLimits
    let secondsSince1970: Int?
    /// Names by scope; the first scope is the template's own.
    var scopes: [[ByteString: TemplateValue]] = [[:]]
    var namespaces: [TemplateDictionary] = []
    var macros: [DefinedMacro] = []
    var output: [UInt8] = []
    /// Where the evaluation stands, for errors.
    var position = TemplatePosition()
    var depth = 0
    private var stepCount = 0

    init(limits: TemplateLimits, secondsSince1970: Int?) {
        self.limits = limits
        self.secondsSince1970 = secondsSince1970
    }

    // MARK: Limits

    @inline(never)
    func failure(_ reason: TemplateError.Reason) -> TemplateError { TemplateError(reason, at: position) }

    func unsupported(_ what: String) -> TemplateError { failure(.unsupported(what)) }

    func wrongType(_ operation: String, _ value: TemplateValue) -> TemplateError {
        if case .undefined(let what) = value { return failure(.undefined(what)) }
        return failure(.wrongType(operation: operation, found: value.typeName))
    }

    /// Counts operations; `count` is not negative.
    mutating func spend(_ count: Int) throws(TemplateError) {
        let (sum, overflows) = stepCount.addingReportingOverflow(count)
        guard !overflows, sum <= limits.stepCount else {
            throw failure(.tooLarge("operations", allowed: limits.stepCount))
        }
        stepCount = sum
    }

    /// Counts the bytes that an operation reads or makes.
    mutating func spend(bytes count: Int) throws(TemplateError) { try spend(count / 8 + 1) }

    /// Counts the scalars of a text that an operation goes through one by one.
    mutating func spend(scalarsOf text: ByteString) throws(TemplateError) { try spend(text.count + 1) }

    mutating func enter(_ position: TemplatePosition) throws(TemplateError) {
        self.position = position
        depth += 1
        guard depth <= limits.callDepth else { throw failure(.tooLarge("nested calls", allowed: limits.callDepth)) }
        try spend(1)
    }

    mutating func write(_ bytes: [UInt8]) throws(TemplateError) {
        try spend(bytes: bytes.count)
        guard bytes.count <= limits.outputByteCount - output.count else {
            throw failure(.tooLarge("bytes of output", allowed: limits.outputByteCount))
        }
        output += bytes
    }

    // MARK: Values of a bounded depth and size

    mutating func list(_ elements: [TemplateValue]) throws(TemplateError) -> TemplateValue {
        .list(try checked(TemplateList(elements)))
    }

    mutating func tuple(_ elements: [TemplateValue]) throws(TemplateError) -> TemplateValue {
        .tuple(try checked(TemplateList(elements)))
    }

    private mutating func checked(_ list: TemplateList) throws(TemplateError) -> TemplateList {
        // An element takes three times the memory that a step of text does.
        try spend(list.elements.count.multiplied(by: 3)?.adding(1) ?? Int.max)
        try check(depth: list.depth)
        return list
    }

    func check(depth: Int) throws(TemplateError) {
        guard depth <= limits.valueDepth else {
            throw failure(.tooLarge("lists in lists", allowed: limits.valueDepth))
        }
    }

    mutating func set(_ key: TemplateValue, in dictionary: inout TemplateDictionary, to value: TemplateValue)
        throws(TemplateError)
    {
        guard let place = try place(of: key) else { throw wrongType("a key of a dictionary", key) }
        try spend(4)
        dictionary.set(place, spelled: key, to: value)
        try check(depth: dictionary.depth)
    }

    /// The key that a value is in a dictionary; nil for one that cannot be a key.
    mutating func place(of key: TemplateValue) throws(TemplateError) -> TemplateDictionary.Key? {
        if let text = key.string { try spend(bytes: text.count) }
        return TemplateDictionary.Key(key)
    }

    mutating func string(_ text: ByteString) throws(TemplateError) -> TemplateValue {
        try spend(bytes: text.count)
        return .string(text)
    }

    // MARK: Names

    func value(of name: ByteString) -> TemplateValue {
        for scope in scopes.reversed() {
            if let value = scope[name] { return value }
        }
        return TemplateFunction(rawValue: name.string).map { .function($0) } ?? .undefined("\"\(name)\"")
    }

    mutating func assign(_ name: ByteString, _ value: TemplateValue) { scopes[scopes.count - 1][name] = value }
}
