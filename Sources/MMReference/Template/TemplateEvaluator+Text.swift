internal import MMBytes

extension TemplateEvaluator {
    /// The text that a value is written as: Python's `str`.
    mutating func text(of value: TemplateValue) throws(TemplateError) -> [UInt8] {
        if case .string(let text) = value { return text.bytes }
        if value.isUndefined { return [] }
        var text: [UInt8] = []
        try write(value, into: &text)
        return text
    }

    /// What jinja2's text filters take: any value's text.
    mutating func soft(_ value: TemplateValue) throws(TemplateError) -> ByteString {
        let text = ByteString(try text(of: value))
        try spend(bytes: text.count)
        return text
    }

    /// Python's `repr`.
    private mutating func write(_ value: TemplateValue, into text: inout [UInt8]) throws(TemplateError) {
        try spend(1)
        switch value {
        case .undefined: text += "Undefined".utf8
        case .null: text += "None".utf8
        case .bool(let bool): text += (bool ? "True" : "False").utf8
        case .integer(let integer): text += "\(integer)".utf8
        case .double(let double): text += TemplateText.shortest(double).utf8
        case .string(let string):
            try spend(bytes: string.count)
            text += TemplateText.quoted(string)
        case .list(let list):
            text.append(UInt8(ascii: "["))
            try write(list.elements, into: &text)
            text.append(UInt8(ascii: "]"))
        case .tuple(let list):
            text.append(UInt8(ascii: "("))
            try write(list.elements, into: &text)
            text += (list.elements.count == 1 ? ",)" : ")").utf8
        case .dictionary(let dictionary):
            text.append(UInt8(ascii: "{"))
            for (index, key) in dictionary.keys.enumerated() {
                if index > 0 { text += ", ".utf8 }
                try write(key, into: &text)
                text += ": ".utf8
                try write(dictionary.values[index], into: &text)
            }
            text.append(UInt8(ascii: "}"))
        case .namespace, .macro, .loop, .function, .method: throw unsupported("writing \(value.typeName)")
        }
        try check(byteCount: text.count)
    }

    private func check(byteCount: Int) throws(TemplateError) {
        guard byteCount <= limits.outputByteCount else {
            throw failure(.tooLarge("bytes of text", allowed: limits.outputByteCount))
        }
    }

    private mutating func write(_ elements: [TemplateValue], into text: inout [UInt8]) throws(TemplateError) {
        for (index, element) in elements.enumerated() {
            if index > 0 { text += ", ".utf8 }
            try write(element, into: &text)
        }
    }

    // MARK: JSON

    /// The spelling of JSON that `tojson` is asked for: Python's json.dumps.
    struct JSONStyle {
        var indent: ByteString?
        var itemSeparator: ByteString = ", "
        var keySeparator: ByteString = ": "
        var escapesAll = false
        var sortsKeys = false
    }

    mutating func json(of value: TemplateValue, _ style: JSONStyle) throws(TemplateError) -> TemplateValue {
        var text: [UInt8] = []
        try writeJSON(value, style, level: 0, into: &text)
        return .string(ByteString(text))
    }

    private mutating func writeJSON(
        _ value: TemplateValue,
        _ style: JSONStyle,
        level: Int,
        into text: inout [UInt8]
    ) throws(TemplateError) {
        try spend(1)
        switch value {
        case .null: text += "null".utf8
        case .bool(let bool): text += (bool ? "true" : "false").utf8
        case .integer(let integer): text += "\(integer)".utf8
        case .double(let double): text += Self.jsonNumber(double).utf8
        case .string(let string):
            try spend(bytes: string.count)
            Self.writeJSON(string, escapesAll: style.escapesAll, into: &text)
        case .list(let list), .tuple(let list):
            text.append(UInt8(ascii: "["))
            for (index, element) in list.elements.enumerated() {
                try separate(index, style, level: level + 1, into: &text)
                try writeJSON(element, style, level: level + 1, into: &text)
            }
            if !list.elements.isEmpty { try newLine(style, level: level, into: &text) }
            text.append(UInt8(ascii: "]"))
        case .dictionary(let dictionary): try writeJSON(dictionary, style, level: level, into: &text)
        default: throw wrongType("tojson", value)
        }
        try check(byteCount: text.count)
    }

    private mutating func writeJSON(
        _ dictionary: TemplateDictionary,
        _ style: JSONStyle,
        level: Int,
        into text: inout [UInt8]
    ) throws(TemplateError) {
        var places = Array(dictionary.keys.indices)
        if style.sortsKeys {
            let sorted = try sorted(dictionary.keys)
            places = sorted.compactMap { key in TemplateDictionary.Key(key).flatMap { dictionary.place(of: $0) } }
        }
        text.append(UInt8(ascii: "{"))
        for (index, place) in places.enumerated() {
            try separate(index, style, level: level + 1, into: &text)
            var key: [UInt8] = []
            try writeJSON(dictionary.keys[place], style, level: level, into: &key)
            // A key that is not text is quoted as JSON spells it.
            text += dictionary.keys[place].string == nil ? Array("\"".utf8) + key + Array("\"".utf8) : key
            text += style.keySeparator.bytes
            try writeJSON(dictionary.values[place], style, level: level + 1, into: &text)
        }
        if dictionary.count > 0 { try newLine(style, level: level, into: &text) }
        text.append(UInt8(ascii: "}"))
    }

    private mutating func separate(
        _ index: Int,
        _ style: JSONStyle,
        level: Int,
        into text: inout [UInt8]
    ) throws(TemplateError) {
        if index > 0 { text += style.itemSeparator.bytes }
        try newLine(style, level: level, into: &text)
    }

    private mutating func newLine(_ style: JSONStyle, level: Int, into text: inout [UInt8]) throws(TemplateError) {
        guard let indent = style.indent else { return }
        try spend(bytes: indent.count.multiplied(by: level) ?? Int.max)
        text.append(0x0A)
        for _ in 0..<level { text += indent.bytes }
    }

    private static func jsonNumber(_ value: Double) -> String {
        guard !value.isFinite else { return TemplateText.shortest(value) }
        return value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
    }

    private static func writeJSON(_ string: ByteString, escapesAll: Bool, into text: inout [UInt8]) {
        text.append(UInt8(ascii: "\""))
        for scalar in string.string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\"".utf8
            case "\\": text += "\\\\".utf8
            case "\n": text += "\\n".utf8
            case "\r": text += "\\r".utf8
            case "\t": text += "\\t".utf8
            case "\u{8}": text += "\\b".utf8
            case "\u{C}": text += "\\f".utf8
            case _ where scalar.value < 0x20 || (escapesAll && scalar.value > 0x7E):
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    text += ("\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits).utf8
                }
            default: text += String(scalar).utf8
            }
        }
        text.append(UInt8(ascii: "\""))
    }
}
