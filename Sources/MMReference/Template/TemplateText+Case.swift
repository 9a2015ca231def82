internal import MMBytes

extension TemplateText {
    static func uppercased(_ text: ByteString) -> ByteString {
        ByteString(text.string.unicodeScalars.map(\.properties.uppercaseMapping).joined())
    }

    /// Python's `lower`, with the sigma that ends a word.
    static func lowercased(_ text: ByteString) -> ByteString {
        let scalars = scalars(text)
        return ByteString(scalars.indices.map { lower($0, in: scalars) }.joined())
    }

    private static func lower(_ index: Int, in scalars: [Unicode.Scalar]) -> String {
        scalars[index].value == 0x3A3 && isFinal(index, in: scalars) ? "ς" : scalars[index].properties.lowercaseMapping
    }

    /// Unicode's Final_Sigma: a cased letter before, none behind, with ignorable scalars between.
    private static func isFinal(_ index: Int, in scalars: [Unicode.Scalar]) -> Bool {
        let before = scalars[..<index].last { !$0.properties.isCaseIgnorable }
        let behind = scalars[(index + 1)...].first { !$0.properties.isCaseIgnorable }
        return before?.properties.isCased == true && behind?.properties.isCased != true
    }

    /// Python's `capitalize`.
    static func capitalized(_ text: ByteString) -> ByteString {
        let scalars = scalars(text)
        guard let first = scalars.first else { return text }
        let rest = scalars.indices.dropFirst().map { lower($0, in: scalars) }
        return ByteString(first.properties.titlecaseMapping + rest.joined())
    }

    /// Python's method `title`: a cased letter is large where none is before it.
    static func titlecased(_ text: ByteString) -> ByteString {
        var result = ""
        var followsCased = false
        let scalars = scalars(text)
        for (index, scalar) in scalars.enumerated() {
            result += followsCased ? lower(index, in: scalars) : scalar.properties.titlecaseMapping
            followsCased = scalar.properties.isCased
        }
        return ByteString(result)
    }

    /// jinja2's filter `title`: words begin at the text's start and behind white space, hyphens and opening brackets.
    static func titledWords(_ text: ByteString) -> ByteString {
        var result = ""
        var beginsWord = true
        let scalars = scalars(text)
        for (index, scalar) in scalars.enumerated() {
            result += beginsWord ? scalar.properties.uppercaseMapping : lower(index, in: scalars)
            beginsWord = isSpace(scalar) || "-({[<".unicodeScalars.contains(scalar)
        }
        return ByteString(result)
    }

    /// Python's `repr` of a string.
    static func quoted(_ text: ByteString) -> [UInt8] {
        let takesDouble = text.bytes.contains(UInt8(ascii: "'")) && !text.bytes.contains(UInt8(ascii: "\""))
        let quote: Unicode.Scalar = takesDouble ? "\"" : "'"
        var result = String(quote)
        for scalar in text.string.unicodeScalars {
            switch scalar {
            case quote, "\\": result += "\\" + String(scalar)
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default: result += isPrintable(scalar) ? String(scalar) : escaped(scalar)
            }
        }
        return Array((result + String(quote)).utf8)
    }

    /// Python's `str.isprintable` for one scalar.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        case .spaceSeparator: scalar == " "
        default: true
        }
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16)
        let (mark, width) = scalar.value < 0x100 ? ("\\x", 2) : scalar.value < 0x10000 ? ("\\u", 4) : ("\\U", 8)
        return mark + String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// Python's `repr` of a float: the shortest digits that give it back, as a power of ten below 1e-4 and from 1e16.
    static func shortest(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
        let text = value.description
        // Swift writes whole numbers up to 2^54 out.
        guard abs(value) >= 1e16, !text.contains("e") else { return text }
        let digits = text.drop { $0 == "-" }.prefix { $0 != "." }
        var mantissa = String(digits)
        while mantissa.count > 1, mantissa.hasSuffix("0") { mantissa.removeLast() }
        let fraction = mantissa.dropFirst()
        let sign = value < 0 ? "-" : ""
        return "\(sign)\(mantissa.prefix(1))\(fraction.isEmpty ? "" : ".\(fraction)")e+\(digits.count - 1)"
    }
}
