internal import MMBytes

/// What Python's strings do, on UTF-8.
enum TemplateText {
    // MARK: White space

    /// Python's `str.isspace`: Unicode's White_Space and the four separators of ASCII.
    static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        (0x1C...0x1F).contains(scalar.value) || scalar.properties.isWhitespace
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        (0x09...0x0D).contains(byte) || (0x1C...0x20).contains(byte)
    }

    /// The scalar that begins at an offset of valid UTF-8, and the offset behind it.
    static func scalar(_ bytes: [UInt8], at offset: Int, in range: Range<Int>) -> (scalar: Unicode.Scalar, end: Int) {
        let byte = bytes[offset]
        if byte < 0x80 { return (Unicode.Scalar(byte), offset + 1) }
        var end = offset + 1
        while end < range.upperBound, bytes[end] & 0xC0 == 0x80 { end += 1 }
        let text = String(decoding: bytes[offset..<end], as: UTF8.self)
        return (text.unicodeScalars.first ?? "\u{FFFD}", end)
    }

    /// The first offset of a range that is not white space.
    static func trimmedStart(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
        var offset = range.lowerBound
        while offset < range.upperBound {
            if bytes[offset] < 0x80 {
                guard isSpace(bytes[offset]) else { return offset }
                offset += 1
            } else {
                let (scalar, end) = scalar(bytes, at: offset, in: range)
                guard isSpace(scalar) else { return offset }
                offset = end
            }
        }
        return offset
    }

    /// The end of a range less the white space before it.
    static func trimmedEnd(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
        var end = range.upperBound
        while end > range.lowerBound {
            var start = end - 1
            while start > range.lowerBound, bytes[start] & 0xC0 == 0x80 { start -= 1 }
            let isBlank =
                bytes[start] < 0x80 ? isSpace(bytes[start]) : isSpace(scalar(bytes, at: start, in: range).scalar)
            guard isBlank else { return end }
            end = start
        }
        return end
    }

    /// Without what stands at the ends and is white space, or one of `characters`.
    static func stripped(
        _ text: ByteString,
        of characters: ByteString?,
        start takesStart: Bool = true,
        end takesEnd: Bool = true
    ) -> ByteString {
        guard let characters else {
            let end = takesEnd ? trimmedEnd(text.bytes, 0..<text.count) : text.count
            let start = takesStart ? trimmedStart(text.bytes, 0..<end) : 0
            return ByteString(text.bytes[start..<end])
        }
        let dropped = Set(scalars(characters))
        var kept = scalars(text)[...]
        while takesStart, let first = kept.first, dropped.contains(first) { kept.removeFirst() }
        while takesEnd, let last = kept.last, dropped.contains(last) { kept.removeLast() }
        return joined(kept)
    }

    // MARK: Scalars

    static func scalars(_ text: ByteString) -> [Unicode.Scalar] { Array(text.string.unicodeScalars) }

    static func joined(_ scalars: some Sequence<Unicode.Scalar>) -> ByteString {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return ByteString(String(text))
    }

    /// The number of scalars: Python's `len`.
    static func length(_ text: ByteString) -> Int {
        text.bytes.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
    }

    // MARK: Search

    /// The offsets at which a text that is not empty stands, none inside another, at most `limit`.
    ///
    /// Knuth, Morris and Pratt: the time is linear whatever the texts are.
    static func occurrences(of needle: [UInt8], in text: [UInt8], limit: Int = .max) -> [Int] {
        guard !needle.isEmpty, needle.count <= text.count, limit > 0 else { return [] }
        var borders = [Int](repeating: 0, count: needle.count)
        var matched = 0
        for index in needle.indices.dropFirst() {
            while matched > 0, needle[index] != needle[matched] { matched = borders[matched - 1] }
            if needle[index] == needle[matched] { matched += 1 }
            borders[index] = matched
        }
        var result: [Int] = []
        matched = 0
        for index in text.indices {
            while matched > 0, text[index] != needle[matched] { matched = borders[matched - 1] }
            if text[index] == needle[matched] { matched += 1 }
            guard matched == needle.count else { continue }
            result.append(index + 1 - needle.count)
            if result.count == limit { return result }
            matched = 0
        }
        return result
    }

    static func contains(_ text: ByteString, _ needle: ByteString) -> Bool {
        needle.isEmpty || !occurrences(of: needle.bytes, in: text.bytes, limit: 1).isEmpty
    }

    /// Python's `split` with a separator that is not empty, `limit` times at most.
    static func split(_ text: ByteString, by separator: ByteString, limit: Int) -> [ByteString] {
        var parts: [ByteString] = []
        var start = 0
        for offset in occurrences(of: separator.bytes, in: text.bytes, limit: limit) {
            parts.append(ByteString(text.bytes[start..<offset]))
            start = offset + separator.count
        }
        parts.append(ByteString(text.bytes[start...]))
        return parts
    }

    /// Python's `split` at white space, `limit` times at most.
    static func words(_ text: ByteString, limit: Int) -> [ByteString] {
        let bytes = text.bytes
        var parts: [ByteString] = []
        var start = trimmedStart(bytes, 0..<bytes.count)
        while start < bytes.count {
            if parts.count == limit {
                parts.append(ByteString(bytes[start...]))
                return parts
            }
            var end = start
            while end < bytes.count {
                let (scalar, next) = scalar(bytes, at: end, in: 0..<bytes.count)
                if isSpace(scalar) { break }
                end = next
            }
            parts.append(ByteString(bytes[start..<end]))
            start = trimmedStart(bytes, end..<bytes.count)
        }
        return parts
    }

    /// Python's `splitlines`.
    static func lines(_ text: ByteString, keepsEnds: Bool = false) -> [ByteString] {
        var lines: [ByteString] = []
        var line: [Unicode.Scalar] = []
        let scalars = scalars(text)
        var index = 0
        while index < scalars.count {
            let value = scalars[index].value
            let isBreak =
                (0x0A...0x0D).contains(value) || (0x1C...0x1E).contains(value)
                || value == 0x85 || value == 0x2028 || value == 0x2029
            guard isBreak else {
                line.append(scalars[index])
                index += 1
                continue
            }
            let end =
                value == 0x0D && index + 1 < scalars.count && scalars[index + 1].value == 0x0A ? index + 2 : index + 1
            if keepsEnds { line += scalars[index..<end] }
            lines.append(joined(line))
            line = []
            index = end
        }
        if !line.isEmpty { lines.append(joined(line)) }
        return lines
    }

    /// Python's `replace`, `limit` times at most.
    static func replaced(_ text: ByteString, _ old: ByteString, by new: ByteString, limit: Int) -> ByteString {
        guard !old.isEmpty else {
            var result: [UInt8] = []
            var count = 0
            for byte in text.bytes {
                if byte & 0xC0 != 0x80, count < limit {
                    result += new.bytes
                    count += 1
                }
                result.append(byte)
            }
            return ByteString(count < limit ? result + new.bytes : result)
        }
        var result: [UInt8] = []
        var start = 0
        for offset in occurrences(of: old.bytes, in: text.bytes, limit: limit) {
            result += text.bytes[start..<offset]
            result += new.bytes
            start = offset + old.count
        }
        return ByteString(result + text.bytes[start...])
    }
}
