internal import MMBytes

extension TemplateLexer {
    /// Reads one token of an expression; the offset is at its first byte.
    mutating func readToken() throws(TemplateError) {
        let byte = source[offset]
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): try readNumber()
        case UInt8(ascii: "'"), UInt8(ascii: "\""): try readString(quote: byte)
        case _ where Self.isWord(byte):
            let start = offset
            while let next = self.byte(at: offset), Self.isWord(next) { offset += 1 }
            append(.name(ByteString(source[start..<offset])), at: start)
        default: try readSymbol()
        }
    }

    static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...0xFF: true
        default: false
        }
    }

    private mutating func readSymbol() throws(TemplateError) {
        let first = UInt16(source[offset])
        let two = byte(at: offset + 1).flatMap { TemplateSymbol.spelled[first << 8 | UInt16($0)] }
        guard let symbol = two ?? TemplateSymbol.spelled[first] else {
            let found = ByteString([source[offset]]).description
            throw failure(.syntax(found: "\"\(found)\"", expected: "an expression"))
        }
        if let closing = symbol.closing { brackets.append(closing) }
        if symbol.isClosing {
            guard brackets.popLast() == symbol else {
                throw failure(.syntax(found: "\"\(symbol.rawValue)\"", expected: "its opening bracket before it"))
            }
        }
        append(.symbol(symbol), at: offset)
        offset += symbol.rawValue.utf8.count
    }

    private mutating func readNumber() throws(TemplateError) {
        let start = offset
        let previous = tokens.last?.kind
        skipDigits()
        var isDouble = false
        if previous != .symbol(.dot), byte(at: offset) == UInt8(ascii: "."), isDigit(at: offset + 1) {
            isDouble = true
            offset += 1
            skipDigits()
        }
        if previous != .symbol(.dot), let byte = byte(at: offset), byte | 0x20 == UInt8(ascii: "e") {
            let hasSign = self.byte(at: offset + 1).map { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") } ?? false
            if isDigit(at: offset + (hasSign ? 2 : 1)) {
                isDouble = true
                offset += hasSign ? 2 : 1
                skipDigits()
            }
        }
        let text = String(decoding: source[start..<offset].filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
        if let next = byte(at: offset), Self.isWord(next) {
            throw failure(.syntax(found: "\"\(text)\(Character(Unicode.Scalar(next)))\"", expected: "a decimal number"))
        }
        if isDouble, let value = Double(text) {
            append(.double(value), at: start)
        } else if let value = Int(text) {
            append(.integer(value), at: start)
        } else {
            throw failure(.unsupported("the integer \(text), which does not fit 64 bits,"))
        }
    }

    private func isDigit(at index: Int) -> Bool {
        byte(at: index).map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
    }

    private mutating func skipDigits() {
        while isDigit(at: offset) || (byte(at: offset) == UInt8(ascii: "_") && isDigit(at: offset + 1)) { offset += 1 }
    }

    // MARK: Strings

    /// Reads a string with the escapes of Python's `unicode-escape` codec, which jinja2 uses.
    private mutating func readString(quote: UInt8) throws(TemplateError) {
        let start = offset
        var text: [UInt8] = []
        offset += 1
        while let byte = byte(at: offset) {
            offset += 1
            if byte == quote {
                append(.string(ByteString(text)), at: start)
                return
            }
            if byte == UInt8(ascii: "\\") { try readEscape(into: &text) } else { text.append(byte) }
        }
        throw failure(.syntax(found: "the end of the template", expected: "the end of a string"))
    }

    private mutating func readEscape(into text: inout [UInt8]) throws(TemplateError) {
        guard let byte = byte(at: offset) else { return }
        offset += 1
        switch byte {
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "a"): text.append(0x07)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "v"): text.append(0x0B)
        case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): text.append(byte)
        case 0x0A: break
        case UInt8(ascii: "x"): try readScalar(digitCount: 2, radix: 16, into: &text)
        case UInt8(ascii: "u"): try readScalar(digitCount: 4, radix: 16, into: &text)
        case UInt8(ascii: "U"): try readScalar(digitCount: 8, radix: 16, into: &text)
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            offset -= 1
            var digitCount = 1
            while digitCount < 3, let next = self.byte(at: offset + digitCount),
                (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(next)
            {
                digitCount += 1
            }
            try readScalar(digitCount: digitCount, radix: 8, into: &text)
        case UInt8(ascii: "N"): throw failure(.unsupported("the escape \\N"))
        default: text += [UInt8(ascii: "\\"), byte]
        }
    }

    private mutating func readScalar(
        digitCount: Int,
        radix: UInt32,
        into text: inout [UInt8]
    ) throws(TemplateError) {
        let digits = source[min(offset, source.count)..<min(offset + digitCount, source.count)]
        guard digits.count == digitCount, digits.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
            let value = UInt32(String(decoding: digits, as: UTF8.self), radix: Int(radix)),
            let scalar = Unicode.Scalar(value)
        else { throw failure(.syntax(found: "an escape", expected: "\(digitCount) digits that give a scalar")) }
        offset += digitCount
        text += String(Character(scalar)).utf8
    }
}
