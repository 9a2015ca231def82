extension JSONValue {
    /// Parses one strict JSON document (RFC 8259): UTF-8, no byte order mark, no trailing commas, no duplicate keys,
    /// nothing after the document but white space. Throws `ParseError` with the offset.
    public init(parsing bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(ParseError) {
        guard bytes.count <= limits.byteCount else {
            throw ParseError(
                .tooLarge(what: "JSON document", found: UInt64(bytes.count), allowed: UInt64(limits.byteCount)),
                offset: 0
            )
        }
        var parser = JSONParser(bytes: bytes.span, depthLimit: limits.depth)
        self = try parser.document()
    }
}

/// A recursive-descent parser; recursion is bounded by the depth limit.
private struct JSONParser: ~Escapable, ~Copyable {
    let bytes: Span<UInt8>
    let depthLimit: Int
    var offset = 0
    var depth = 0

    @_lifetime(copy bytes)
    init(bytes: Span<UInt8>, depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
    }

    @_lifetime(self: copy self)
    mutating func document() throws(ParseError) -> JSONValue {
        skipSpace()
        let value = try value()
        skipSpace()
        guard offset == bytes.count else { throw ParseError(.jsonTrailingBytes, offset: offset) }
        return value
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

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
    mutating func value() throws(ParseError) -> JSONValue {
        switch next {
        case UInt8(ascii: "{"): return try nested { parser throws(ParseError) in try parser.object() }
        case UInt8(ascii: "["): return try nested { parser throws(ParseError) in try parser.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case .some(let byte) where byte == UInt8(ascii: "-") || Self.isDigit(byte): return try number()
        default: throw unexpected("a value")
        }
    }

    @_lifetime(self: copy self)
    mutating func nested(
        _ body: (inout JSONParser) throws(ParseError) -> JSONValue
    ) throws(ParseError) -> JSONValue {
        guard depth < depthLimit else { throw ParseError(.jsonTooDeep(allowed: depthLimit), offset: offset) }
        depth += 1
        offset += 1
        skipSpace()
        let value = try body(&self)
        depth -= 1
        return value
    }

    @_lifetime(self: copy self)
    mutating func object() throws(ParseError) -> JSONValue {
        var members: [JSONMember] = []
        if try closes(UInt8(ascii: "}"), isFirst: true) { return .object([]) }
        var names = Set<ByteString>()
        repeat {
            guard next == UInt8(ascii: "\"") else { throw unexpected("a key") }
            let start = offset
            let name = try string()
            guard names.insert(name).inserted else { throw ParseError(.jsonDuplicateKey(name), offset: start) }
            skipSpace()
            guard next == UInt8(ascii: ":") else { throw unexpected("':'") }
            offset += 1
            skipSpace()
            members.append(JSONMember(name: name, value: try value()))
        } while try !closes(UInt8(ascii: "}"), isFirst: false)
        return .object(members)
    }

    @_lifetime(self: copy self)
    mutating func array() throws(ParseError) -> JSONValue {
        var elements: [JSONValue] = []
        if try closes(UInt8(ascii: "]"), isFirst: true) { return .array([]) }
        repeat { elements.append(try value()) } while try !closes(UInt8(ascii: "]"), isFirst: false)
        return .array(elements)
    }

    /// Takes the closing bracket, or the comma before a further element.
    @_lifetime(self: copy self)
    mutating func closes(_ bracket: UInt8, isFirst: Bool) throws(ParseError) -> Bool {
        skipSpace()
        if next == bracket {
            offset += 1
            return true
        }
        if isFirst { return false }
        guard next == UInt8(ascii: ",") else { throw unexpected("',' or '\(Character(Unicode.Scalar(bracket)))'") }
        offset += 1
        skipSpace()
        return false
    }

    @_lifetime(self: copy self)
    mutating func literal(_ text: StaticString, _ value: JSONValue) throws(ParseError) -> JSONValue {
        for byte in text.description.utf8 {
            guard next == byte else { throw unexpected("\(text)") }
            offset += 1
        }
        return value
    }

    @inline(never)
    func unexpected(_ expected: String) -> ParseError {
        ParseError(.jsonUnexpected(found: next, expected: expected), offset: offset)
    }
}

extension JSONParser {
    @_lifetime(self: copy self)
    mutating func number() throws(ParseError) -> JSONValue {
        let start = offset
        if next == UInt8(ascii: "-") { offset += 1 }
        let firstDigit = offset
        try digits()
        if offset - firstDigit > 1, bytes[firstDigit] == UInt8(ascii: "0") {
            throw ParseError(.jsonBadNumber, offset: start)
        }
        var isInteger = true
        if next == UInt8(ascii: ".") {
            isInteger = false
            offset += 1
            try digits()
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            isInteger = false
            offset += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { offset += 1 }
            try digits()
        }
        let text = String(decoding: copy(start..<offset), as: UTF8.self)
        if isInteger, let integer = Int(text), text != "-0" { return .integer(integer) }
        guard let double = Double(text), double.isFinite else { throw ParseError(.jsonBadNumber, offset: start) }
        return .number(double)
    }

    @_lifetime(self: copy self)
    mutating func digits() throws(ParseError) {
        let start = offset
        while let byte = next, Self.isDigit(byte) { offset += 1 }
        guard offset > start else { throw ParseError(.jsonBadNumber, offset: offset) }
    }

    @_lifetime(self: copy self)
    mutating func string() throws(ParseError) -> ByteString {
        let start = offset
        offset += 1
        var text: [UInt8] = []
        var runStart = offset
        while true {
            guard let byte = next else { throw unexpected("the end of a string") }
            switch byte {
            case UInt8(ascii: "\""):
                text += copy(runStart..<offset)
                offset += 1
                let string = ByteString(text)
                guard string.isValidUTF8 else { throw ParseError(.invalidUTF8, offset: start) }
                return string
            case UInt8(ascii: "\\"):
                text += copy(runStart..<offset)
                try escape(into: &text)
                runStart = offset
            case 0..<0x20: throw ParseError(.jsonControlCharacter(byte), offset: offset)
            default: offset += 1
            }
        }
    }

    @_lifetime(self: copy self)
    mutating func escape(into text: inout [UInt8]) throws(ParseError) {
        let start = offset
        offset += 1
        guard let byte = next else { throw unexpected("an escape") }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text += Array(String(try escapedScalar(start: start)).utf8)
        default: throw ParseError(.jsonBadEscape, offset: start)
        }
    }

    /// The scalar of `\uXXXX`, or of a surrogate pair of two such escapes.
    @_lifetime(self: copy self)
    mutating func escapedScalar(start: Int) throws(ParseError) -> Unicode.Scalar {
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, next == UInt8(ascii: "\\") else { throw ParseError(.jsonLoneSurrogate, offset: start) }
        offset += 1
        guard next == UInt8(ascii: "u") else { throw ParseError(.jsonLoneSurrogate, offset: start) }
        offset += 1
        let second = try hexadecimal()
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw ParseError(.jsonLoneSurrogate, offset: start) }
        return scalar
    }

    @_lifetime(self: copy self)
    mutating func hexadecimal() throws(ParseError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw ParseError(.jsonBadEscape, offset: offset)
            }
            value = value << 4 | UInt32(digit)
            offset += 1
        }
        return value
    }

    func copy(_ range: Range<Int>) -> [UInt8] {
        // The range lies between two offsets already visited, so inside the span.
        unsafe bytes.extracting(range).withUnsafeBufferPointer { unsafe Array($0) }
    }
}
