/// Reads a strict JSON document (RFC 8259) piece by piece, so that a header becomes descriptors without a tree between.
///
/// UTF-8, no byte order mark, no trailing commas, nothing after the document but white space. Duplicate names are the
/// caller's to refuse where it walks an object itself; `value()` refuses them.
package struct JSONReader: ~Escapable, ~Copyable {
    let bytes: Span<UInt8>
    let depthLimit: Int
    private var remainingValueCount: Int
    private let valueLimit: Int
    package internal(set) var offset = 0
    /// Where the name that `nextMember` gave last begins.
    package private(set) var nameOffset = 0
    private var name = ByteString([])
    /// Short strings met lately, each at the place that its bytes give it: members are called the same again and again.
    var recentStrings = [ByteString](repeating: ByteString([]), count: 64)
    private var depth = 0
    /// Whether a bracket was the last thing read, so that no comma comes before the next element.
    private var isFirst = false

    @_lifetime(copy bytes)
    package init(_ bytes: Span<UInt8>, limits: JSONLimits = JSONLimits()) throws(ParseError) {
        guard bytes.count <= limits.byteCount else {
            throw ParseError(
                .tooLarge(what: "JSON document", found: UInt64(bytes.count), allowed: UInt64(limits.byteCount)),
                offset: 0
            )
        }
        self.bytes = bytes
        depthLimit = limits.depth
        valueLimit = limits.valueCount
        remainingValueCount = limits.valueCount
    }

    /// Reads the opening brace of an object; `nextMember` follows.
    @_lifetime(self: copy self)
    package mutating func beginObject() throws(ParseError) {
        try open(UInt8(ascii: "{"), "an object")
    }

    /// Reads the opening bracket of an array; `nextElement` follows.
    @_lifetime(self: copy self)
    package mutating func beginArray() throws(ParseError) {
        try open(UInt8(ascii: "["), "an array")
    }

    /// Reads up to the value of the next member and gives its name, or closes the object and gives nil.
    @_lifetime(self: copy self)
    package mutating func nextMember() throws(ParseError) -> ByteString? {
        guard try advances(before: UInt8(ascii: "}"), "',' or '}'") else { return nil }
        guard next == UInt8(ascii: "\"") else { throw unexpected("a name") }
        nameOffset = offset
        name = try text()
        skipSpace()
        guard next == UInt8(ascii: ":") else { throw unexpected("':'") }
        offset += 1
        return name
    }

    /// Whether a further element of the array follows; closes the array where none does.
    @_lifetime(self: copy self)
    package mutating func nextElement() throws(ParseError) -> Bool {
        try advances(before: UInt8(ascii: "]"), "',' or ']'")
    }

    /// Reads a string.
    @_lifetime(self: copy self)
    package mutating func string() throws(ParseError) -> ByteString {
        skipSpace()
        guard next == UInt8(ascii: "\"") else { throw otherType("a string") }
        try count()
        return try text()
    }

    /// Reads a whole number from 0 to 2^64 - 1, written without sign, fraction and exponent.
    @_lifetime(self: copy self)
    package mutating func naturalNumber() throws(ParseError) -> UInt64 {
        skipSpace()
        let start = offset
        guard let byte = next, byte == UInt8(ascii: "-") || Self.isDigit(byte) else { throw otherType("a number") }
        try count()
        if let integer = shortInteger() { return UInt64(integer) }
        let spelling = try numberSpelling()
        guard byte != UInt8(ascii: "-"), spelling.isInteger, let number = UInt64(text(of: spelling)) else {
            throw ParseError(.jsonNotNatural, offset: start)
        }
        return number
    }

    /// Reads a value whole.
    @_lifetime(self: copy self)
    package mutating func value() throws(ParseError) -> JSONValue {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        default: break
        }
        try count()
        switch next {
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case .some(let byte) where byte == UInt8(ascii: "-") || Self.isDigit(byte): return try number()
        default: throw unexpected("a value")
        }
    }

    /// Demands that nothing but white space is left.
    @_lifetime(self: copy self)
    package mutating func finish() throws(ParseError) {
        skipSpace()
        guard offset == bytes.count else { throw ParseError(.jsonTrailingBytes, offset: offset) }
    }
}

extension JSONReader {
    var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    @_lifetime(self: copy self)
    mutating func skipSpace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0A, 0x0D: offset += 1
            default: return
            }
        }
    }

    @_lifetime(self: copy self)
    private mutating func open(_ bracket: UInt8, _ expected: StaticString) throws(ParseError) {
        skipSpace()
        guard next == bracket else { throw otherType(expected) }
        guard depth < depthLimit else { throw ParseError(.jsonTooDeep(allowed: depthLimit), offset: offset) }
        try count()
        depth += 1
        offset += 1
        isFirst = true
    }

    /// Takes the closing bracket and gives false, or the comma before a further element and gives true.
    @_lifetime(self: copy self)
    private mutating func advances(before bracket: UInt8, _ expected: StaticString) throws(ParseError) -> Bool {
        skipSpace()
        let wasFirst = isFirst
        isFirst = false
        if next == bracket {
            offset += 1
            depth -= 1
            return false
        }
        if wasFirst { return true }
        guard next == UInt8(ascii: ",") else { throw unexpected(expected.description) }
        offset += 1
        skipSpace()
        return true
    }

    @_lifetime(self: copy self)
    private mutating func count() throws(ParseError) {
        guard remainingValueCount > 0 else {
            let limit = UInt64(valueLimit)
            throw ParseError(.tooLarge(what: "number of JSON values", found: limit + 1, allowed: limit), offset: offset)
        }
        remainingValueCount -= 1
    }

    @_lifetime(self: copy self)
    private mutating func object() throws(ParseError) -> JSONValue {
        try beginObject()
        var members: [JSONMember] = []
        var names = JSONNames()
        while let name = try nextMember() {
            guard names.insert(name, after: members) else {
                throw ParseError(.jsonDuplicateKey(name), offset: nameOffset)
            }
            members.append(JSONMember(name: name, value: try value()))
        }
        return .object(members)
    }

    @_lifetime(self: copy self)
    private mutating func array() throws(ParseError) -> JSONValue {
        try beginArray()
        var elements: [JSONValue] = []
        while try nextElement() { elements.append(try value()) }
        return .array(elements)
    }

    @_lifetime(self: copy self)
    private mutating func literal(_ text: StaticString, _ value: JSONValue) throws(ParseError) -> JSONValue {
        for byte in text.description.utf8 {
            guard next == byte else { throw unexpected("\(text)") }
            offset += 1
        }
        return value
    }

    /// The error for a value of another type than the one wanted; what is not JSON at all is called that.
    @inline(never)
    @_lifetime(self: copy self)
    private mutating func otherType(_ expected: StaticString) -> ParseError {
        let (start, name) = (offset, name)
        do throws(ParseError) {
            try skipValue()
        } catch {
            return error
        }
        return ParseError(.jsonWrongType(member: name.description, expected: expected.description), offset: start)
    }

    /// Reads over a value without making one: a long list where none belongs costs no memory.
    @_lifetime(self: copy self)
    package mutating func skipValue() throws(ParseError) {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"):
            try beginObject()
            while try nextMember() != nil { try skipValue() }
        case UInt8(ascii: "["):
            try beginArray()
            while try nextElement() { try skipValue() }
        default: _ = try value()
        }
    }

    @inline(never)
    func unexpected(_ expected: String) -> ParseError {
        ParseError(.jsonUnexpected(found: next, expected: expected), offset: offset)
    }
}
