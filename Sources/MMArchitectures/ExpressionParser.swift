internal import MMBytes

/// Recursive descent, one method a level of precedence.
struct ExpressionParser {
    private let text: String
    private let bytes: [UInt8]
    private var offset = 0
    private var depth = 0

    init(_ text: String) throws(ExpressionError) {
        self.text = text
        bytes = Array(text.utf8)
        guard bytes.count <= Expression.byteCountLimit else {
            throw ExpressionError(
                .tooLong(byteCount: bytes.count, allowed: Expression.byteCountLimit),
                expression: String(decoding: bytes.prefix(64), as: UTF8.self)
            )
        }
    }

    mutating func whole() throws(ExpressionError) -> Expression.Node {
        let node = try choice()
        guard next == nil else { throw unexpected("an operator or the end") }
        return node
    }

    private mutating func choice() throws(ExpressionError) -> Expression.Node {
        guard depth < Expression.depthLimit else { throw failure(.tooDeep(allowed: Expression.depthLimit)) }
        depth += 1
        let condition = try either()
        var node = condition
        if take("?") {
            let first = try choice()
            guard take(":") else { throw unexpected("':'") }
            node = .choice(condition, first, try choice())
        }
        depth -= 1
        return node
    }

    private mutating func either() throws(ExpressionError) -> Expression.Node {
        var node = try both()
        while take("||") { node = .or(node, try both()) }
        return node
    }

    private mutating func both() throws(ExpressionError) -> Expression.Node {
        var node = try comparison()
        while take("&&") { node = .and(node, try comparison()) }
        return node
    }

    private mutating func comparison() throws(ExpressionError) -> Expression.Node {
        let left = try sum()
        if take("==") { return .equal(left, try sum()) }
        if take("!=") { return .not(.equal(left, try sum())) }
        if takeWord("in") { return .membership(left, try sum()) }
        // The longer spellings first: "<" begins "<=".
        guard let operation = takeOne(of: [.lessOrEqual, .greaterOrEqual, .less, .greater]) else { return left }
        return .binary(operation, left, try sum())
    }

    private mutating func sum() throws(ExpressionError) -> Expression.Node {
        var node = try product()
        while let operation = takeOne(of: [.plus, .minus]) { node = .binary(operation, node, try product()) }
        return node
    }

    private mutating func product() throws(ExpressionError) -> Expression.Node {
        var node = try signed()
        while let operation = takeOne(of: [.times, .divided, .modulo]) {
            node = .binary(operation, node, try signed())
        }
        return node
    }

    private mutating func signed() throws(ExpressionError) -> Expression.Node {
        guard depth < Expression.depthLimit else { throw failure(.tooDeep(allowed: Expression.depthLimit)) }
        depth += 1
        defer { depth -= 1 }
        if take("-") { return .negative(try signed()) }
        if next == UInt8(ascii: "!"), peek(1) != UInt8(ascii: "=") {
            offset += 1
            return .not(try signed())
        }
        var base = try primary()
        while take("[") {
            base = .element(base, try choice())
            guard take("]") else { throw unexpected("']'") }
        }
        return take("^") ? .binary(.power, base, try signed()) : base
    }

    private mutating func primary() throws(ExpressionError) -> Expression.Node {
        switch next {
        case UInt8(ascii: "("):
            offset += 1
            let node = try choice()
            guard take(")") else { throw unexpected("')'") }
            return node
        case UInt8(ascii: "'"): return .constant(.text(try quoted()))
        case .some(let byte) where Self.isDigit(byte): return .constant(.number(try number()))
        case .some(let byte) where Self.isLetter(byte): return try named()
        default: throw unexpected("a value")
        }
    }

    private mutating func named() throws(ExpressionError) -> Expression.Node {
        let start = offset
        while let byte = peek(0), Self.isLetter(byte) || Self.isDigit(byte) || isDot(before: byte) { offset += 1 }
        let name = String(decoding: bytes[start..<offset], as: UTF8.self)
        if name == "true" || name == "false" { return .constant(.flag(name == "true")) }
        if name == "none" { return .constant(.none) }
        guard take("(") else { return .name(name) }
        guard let function = Expression.Function(rawValue: name) else {
            throw ExpressionError(.unknownFunction(name), expression: text, offset: start)
        }
        let argument = try choice()
        guard take(")") else { throw unexpected("')'") }
        return .call(function, argument)
    }

    private mutating func number() throws(ExpressionError) -> Double {
        let start = offset
        digits()
        if peek(0) == UInt8(ascii: "."), let after = peek(1), Self.isDigit(after) {
            offset += 1
            digits()
        }
        if peek(0) == UInt8(ascii: "e") {
            let sign = peek(1) == UInt8(ascii: "-") || peek(1) == UInt8(ascii: "+") ? 2 : 1
            if let after = peek(sign), Self.isDigit(after) {
                offset += sign
                digits()
            }
        }
        guard let number = Double(String(decoding: bytes[start..<offset], as: UTF8.self)), number.isFinite else {
            throw ExpressionError(.badNumber, expression: text, offset: start)
        }
        return number
    }

    private mutating func digits() {
        while let byte = peek(0), Self.isDigit(byte) { offset += 1 }
    }

    private mutating func quoted() throws(ExpressionError) -> ByteString {
        offset += 1
        let start = offset
        while let byte = peek(0), byte != UInt8(ascii: "'") { offset += 1 }
        guard peek(0) != nil else { throw unexpected("a closing quote") }
        offset += 1
        return ByteString(bytes[start..<offset - 1])
    }
}

extension ExpressionParser {
    /// The next byte that is not a space, which becomes the current one.
    private var next: UInt8? {
        mutating get {
            while peek(0) == UInt8(ascii: " ") { offset += 1 }
            return peek(0)
        }
    }

    private func peek(_ distance: Int) -> UInt8? {
        offset + distance < bytes.count ? bytes[offset + distance] : nil
    }

    private mutating func take(_ symbol: StaticString) -> Bool {
        guard next != nil, bytes[offset...].starts(with: symbol.description.utf8) else { return false }
        offset += symbol.utf8CodeUnitCount
        return true
    }

    /// Takes `word` where it stands alone.
    private mutating func takeWord(_ word: StaticString) -> Bool {
        guard next != nil, bytes[offset...].starts(with: word.description.utf8) else { return false }
        let after = peek(word.utf8CodeUnitCount)
        if let after, Self.isLetter(after) || Self.isDigit(after) { return false }
        offset += word.utf8CodeUnitCount
        return true
    }

    /// Whether `byte` is the dot between a component and its knob, as in `text.d_model`.
    private func isDot(before byte: UInt8) -> Bool {
        guard byte == UInt8(ascii: "."), let after = peek(1) else { return false }
        return Self.isLetter(after)
    }

    private mutating func takeOne(of operations: [Expression.Operation]) -> Expression.Operation? {
        guard next != nil else { return nil }
        let found = operations.first { bytes[offset...].starts(with: $0.rawValue.utf8) }
        offset += found?.rawValue.utf8.count ?? 0
        return found
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private static func isLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
        default: false
        }
    }

    @inline(never)
    private mutating func unexpected(_ expected: String) -> ExpressionError {
        failure(.unexpected(found: next, expected: expected))
    }

    @inline(never)
    private func failure(_ reason: ExpressionError.Reason) -> ExpressionError {
        ExpressionError(reason, expression: text, offset: offset)
    }
}
