internal import MMBytes

/// Cuts a template's source into tokens, with the white space rules that transformers sets: `trim_blocks`,
/// `lstrip_blocks`, the signs `-` and `+`, one last newline dropped (jinja2's lexer.py).
struct TemplateLexer {
    let source: [UInt8]
    var offset = 0
    var tokens: [TemplateToken] = []
    /// Brackets that are open inside the tag.
    var brackets: [TemplateSymbol] = []
    /// Whether what was read last ended a line.
    private var endedLine = true
    private var position = TemplatePosition()
    private var positionOffset = 0

    static func tokens(of bytes: [UInt8], limits: TemplateLimits) throws(TemplateError) -> [TemplateToken] {
        guard bytes.count <= limits.sourceByteCount else {
            throw TemplateError(.tooLarge("bytes of source", allowed: limits.sourceByteCount), at: TemplatePosition())
        }
        var lexer = TemplateLexer(source: normalized(bytes))
        while lexer.offset < lexer.source.count { try lexer.readText() }
        lexer.append(.end, at: lexer.source.count)
        return lexer.tokens
    }

    private init(source: [UInt8]) {
        self.source = source
    }

    /// The source in valid UTF-8 with newlines of one byte, less the last one.
    private static func normalized(_ bytes: [UInt8]) -> [UInt8] {
        let valid = Array(String(decoding: bytes, as: UTF8.self).utf8)
        var result: [UInt8] = []
        result.reserveCapacity(valid.count)
        for (index, byte) in valid.enumerated() {
            if byte == 0x0A, index > 0, valid[index - 1] == 0x0D { continue }
            result.append(byte == 0x0D ? 0x0A : byte)
        }
        if result.last == 0x0A { result.removeLast() }
        return result
    }

    // MARK: Places

    /// The place of an offset; offsets only grow.
    mutating func place(of target: Int) -> TemplatePosition {
        while positionOffset < target, positionOffset < source.count {
            let byte = source[positionOffset]
            positionOffset += 1
            if byte == 0x0A {
                position = TemplatePosition(line: position.line + 1, column: 1)
            } else if byte & 0xC0 != 0x80 {
                position.column += 1
            }
        }
        return position
    }

    mutating func append(_ kind: TemplateToken.Kind, at offset: Int) {
        tokens.append(TemplateToken(kind: kind, position: place(of: offset)))
    }

    mutating func failure(_ reason: TemplateError.Reason) -> TemplateError {
        TemplateError(reason, at: place(of: offset))
    }

    func byte(at index: Int) -> UInt8? { index < source.count ? source[index] : nil }

    /// Whether two bytes stand at an index.
    private func stands(_ first: Unicode.Scalar, _ second: Unicode.Scalar, at index: Int) -> Bool {
        index + 1 < source.count && source[index] == UInt8(ascii: first) && source[index + 1] == UInt8(ascii: second)
    }

    /// Whether an end stands at an index, with or without a sign before it.
    private func ends(_ first: Unicode.Scalar, at index: Int) -> Bool {
        if stands(first, "}", at: index) { return true }
        // An end of output takes no "+" before it.
        return stands("-", first, at: index) && stands(first, "}", at: index + 1)
            || first != "}" && stands("+", first, at: index) && stands(first, "}", at: index + 1)
    }

    // MARK: Text and tags

    /// Reads text up to a tag, and the tag.
    private mutating func readText() throws(TemplateError) {
        let start = offset
        var index = offset
        while index < source.count, !isOpening(at: index) { index += 1 }
        guard index < source.count else {
            appendText(start..<index)
            offset = index
            return
        }
        let opening = source[index + 1]
        let sign = byte(at: index + 2)
        appendText(start..<endOfText(start: start, opening: index))
        offset = index + (sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") ? 3 : 2)
        endedLine = false
        switch opening {
        case UInt8(ascii: "#"): try skipComment(from: index)
        case UInt8(ascii: "{"): try readTag(.outputBegin, .outputEnd, from: index)
        default:
            if let end = wordEnd("raw", from: offset) {
                try readRaw(from: end)
            } else {
                try readTag(.blockBegin, .blockEnd, from: index)
            }
        }
    }

    private func isOpening(at index: Int) -> Bool {
        guard source[index] == UInt8(ascii: "{"), let next = byte(at: index + 1) else { return false }
        return next == UInt8(ascii: "{") || next == UInt8(ascii: "%") || next == UInt8(ascii: "#")
    }

    /// Where the text before a tag ends once its white space is controlled.
    private func endOfText(start: Int, opening: Int) -> Int {
        let sign = byte(at: opening + 2)
        if sign == UInt8(ascii: "-") { return TemplateText.trimmedEnd(source, start..<opening) }
        if sign == UInt8(ascii: "+") || source[opening + 1] == UInt8(ascii: "{") { return opening }
        var lineStart = opening
        while lineStart > start, source[lineStart - 1] != 0x0A { lineStart -= 1 }
        guard lineStart > start || endedLine else { return opening }
        return TemplateText.trimmedEnd(source, lineStart..<opening) == lineStart ? lineStart : opening
    }

    private mutating func appendText(_ range: Range<Int>) {
        if !range.isEmpty { append(.text(ByteString(source[range])), at: range.lowerBound) }
    }

    /// Moves past the end of a tag: with `-` all white space behind it goes, else for a block one newline.
    private mutating func finishTag(at index: Int, trimsNewline: Bool) {
        let stripsAll = source[index] == UInt8(ascii: "-")
        let hasSign = stripsAll || source[index] == UInt8(ascii: "+")
        offset = index + (hasSign ? 3 : 2)
        if stripsAll {
            offset = TemplateText.trimmedStart(source, offset..<source.count)
        } else if trimsNewline, !hasSign, byte(at: offset) == 0x0A {
            offset += 1
        }
        endedLine = source[offset - 1] == 0x0A
    }

    private mutating func skipComment(from opening: Int) throws(TemplateError) {
        var index = offset
        while index < source.count {
            if ends("#", at: index) {
                finishTag(at: index, trimsNewline: true)
                return
            }
            index += 1
        }
        throw TemplateError(.syntax(found: "the end of the template", expected: "#}"), at: place(of: opening))
    }

    /// Where `word` and the end of its tag stand at `index`: the index of `%}` or of the sign before it.
    private func wordEnd(_ word: ByteString, from index: Int) -> Int? {
        var index = TemplateText.trimmedStart(source, min(index, source.count)..<source.count)
        guard source[index...].starts(with: word.bytes) else { return nil }
        index = TemplateText.trimmedStart(source, (index + word.count)..<source.count)
        return ends("%", at: index) ? index : nil
    }

    private mutating func readRaw(from end: Int) throws(TemplateError) {
        finishTag(at: end, trimsNewline: false)
        let start = offset
        var index = start
        while index < source.count {
            guard stands("{", "%", at: index) else {
                index += 1
                continue
            }
            let hasSign = byte(at: index + 2).map { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") } ?? false
            if let wordEnd = wordEnd("endraw", from: index + (hasSign ? 3 : 2)) {
                appendText(start..<endOfText(start: start, opening: index))
                finishTag(at: wordEnd, trimsNewline: true)
                return
            }
            index += 2
        }
        throw failure(.syntax(found: "the end of the template", expected: "{% endraw %}"))
    }

    private mutating func readTag(
        _ begin: TemplateToken.Kind,
        _ end: TemplateToken.Kind,
        from opening: Int
    ) throws(TemplateError) {
        append(begin, at: opening)
        brackets = []
        let isBlock = end == .blockEnd
        while true {
            offset = TemplateText.trimmedStart(source, offset..<source.count)
            guard offset < source.count else {
                let expected = isBlock ? "%}" : "}}"
                throw failure(.syntax(found: "the end of the template", expected: expected))
            }
            if brackets.isEmpty, ends(isBlock ? "%" : "}", at: offset) {
                append(end, at: offset)
                finishTag(at: offset, trimsNewline: isBlock)
                return
            }
            try readToken()
        }
    }
}
