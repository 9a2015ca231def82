extension JSONReader {
    /// Where a number stands, and what it looks like.
    struct NumberSpelling {
        let range: Range<Int>
        /// Whether it has neither fraction nor exponent.
        let isInteger: Bool
    }

    /// Reads past the number at the offset; a minus or a digit is there.
    @_lifetime(self: copy self)
    mutating func numberSpelling() throws(ParseError) -> NumberSpelling {
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
        return NumberSpelling(range: start..<offset, isInteger: isInteger)
    }

    /// Reads the number at the offset; a minus or a digit is there.
    @_lifetime(self: copy self)
    mutating func number() throws(ParseError) -> JSONValue {
        if let integer = shortInteger() { return .integer(integer) }
        let spelling = try numberSpelling()
        let text = text(of: spelling)
        // Minus zero is a number of its own.
        if spelling.isInteger, let integer = Int(text), integer != 0 { return .integer(integer) }
        guard let double = Double(text), double.isFinite else {
            throw ParseError(.jsonBadNumber, offset: spelling.range.lowerBound)
        }
        return .number(double)
    }

    /// Reads a number that is one to 18 digits and nothing else, as nearly all are; nil, and nothing read, otherwise.
    @_lifetime(self: copy self)
    mutating func shortInteger() -> Int? {
        var position = offset
        var value = 0
        while position < bytes.count, Self.isDigit(bytes[position]) {
            value = value &* 10 &+ Int(bytes[position] &- UInt8(ascii: "0"))
            position += 1
        }
        let digitCount = position - offset
        guard digitCount > 0, digitCount <= 18, digitCount == 1 || bytes[offset] != UInt8(ascii: "0") else {
            return nil
        }
        if position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): return nil
            default: break
            }
        }
        offset = position
        return value
    }

    func text(of spelling: NumberSpelling) -> String {
        String(decoding: copy(spelling.range), as: UTF8.self)
    }

    /// Reads one or more digits.
    @_lifetime(self: copy self)
    private mutating func digits() throws(ParseError) {
        let start = offset
        while offset < bytes.count, Self.isDigit(bytes[offset]) { offset += 1 }
        guard offset > start else { throw ParseError(.jsonBadNumber, offset: offset) }
    }

    /// Reads the string at the offset; its quotation mark is there.
    @_lifetime(self: copy self)
    mutating func text() throws(ParseError) -> ByteString {
        let start = offset
        offset += 1
        var text: [UInt8] = []
        var combined: UInt8 = 0
        while true {
            let runStart = offset
            combined |= skipPlainText()
            guard let byte = next else { throw unexpected("the end of a string") }
            switch byte {
            case UInt8(ascii: "\""):
                let run = runStart..<offset
                offset += 1
                if text.isEmpty, run.count <= Self.recentByteCountLimit, combined < 0x80 { return recent(run) }
                text = text.isEmpty ? copy(run) : text + copy(run)
                let string = ByteString(text)
                // Escapes give whole scalars, so only bytes of the document can be malformed.
                guard combined < 0x80 || string.isValidUTF8 else { throw ParseError(.invalidUTF8, offset: start) }
                return string
            case UInt8(ascii: "\\"):
                text += copy(runStart..<offset)
                try escape(into: &text)
            default: throw ParseError(.jsonControlCharacter(byte), offset: offset)
            }
        }
    }

    private static var recentByteCountLimit: Int { 16 }

    /// The plain text of a range: the string of those bytes that is there already, if it was met lately.
    @_lifetime(self: copy self)
    private mutating func recent(_ range: Range<Int>) -> ByteString {
        guard let first = range.first, let last = range.last else { return ByteString([]) }
        let place = (range.count &+ Int(bytes[first]) &* 3 &+ Int(bytes[last]) &* 7) & (recentStrings.count - 1)
        let known = recentStrings[place].bytes
        if known.count == range.count, known.indices.allSatisfy({ known[$0] == bytes[first + $0] }) {
            return recentStrings[place]
        }
        let string = ByteString(copy(range))
        recentStrings[place] = string
        return string
    }

    /// Moves past everything that stands for itself, and gives the bits that any byte of it has.
    @_lifetime(self: copy self)
    private mutating func skipPlainText() -> UInt8 {
        var combined: UInt8 = 0
        var position = offset
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { break }
            combined |= byte
            position += 1
        }
        offset = position
        return combined
    }

    @_lifetime(self: copy self)
    private mutating func escape(into text: inout [UInt8]) throws(ParseError) {
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
        case UInt8(ascii: "u"): text.append(contentsOf: try escapedScalar(start: start).utf8)
        default: throw ParseError(.jsonBadEscape, offset: start)
        }
    }

    /// The scalar of `\uXXXX`, or of a surrogate pair of two such escapes.
    @_lifetime(self: copy self)
    private mutating func escapedScalar(start: Int) throws(ParseError) -> Unicode.Scalar {
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
    private mutating func hexadecimal() throws(ParseError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Self.hexadecimalDigit(byte) else {
                throw ParseError(.jsonBadEscape, offset: offset)
            }
            value = value << 4 | digit
            offset += 1
        }
        return value
    }

    private static func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    private func copy(_ range: Range<Int>) -> [UInt8] {
        // The range lies between two offsets already visited, so inside the span.
        unsafe bytes.extracting(range).withUnsafeBufferPointer { unsafe Array($0) }
    }
}
