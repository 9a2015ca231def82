extension JSONValue {
    public enum Layout: Sendable, Hashable {
        /// No white space, members sorted by the bytes of their names: the canonical form.
        case canonical
        /// One line, members in their order.
        case compact
        /// Two spaces of indentation, members in their order.
        case pretty
    }

    /// The document as UTF-8. Bytes of a string that are not UTF-8 come out as U+FFFD; doubles that JSON cannot
    /// write (infinities, NaN) come out as null.
    public func serialized(_ layout: Layout = .compact) -> [UInt8] {
        var output: [UInt8] = []
        write(into: &output, layout: layout, indent: 0)
        return output
    }

    /// Appends the document to `output`.
    package func write(into output: inout [UInt8], layout: Layout, indent: Int = 0) {
        switch self {
        case .null: output += "null".utf8
        case .bool(let bool): output += (bool ? "true" : "false").utf8
        case .integer(let integer): output += integer.description.utf8
        case .number(let number): output += (number.isFinite ? number.description : "null").utf8
        case .string(let string): Self.write(string, into: &output)
        case .array(let elements):
            Self.writeList(elements, brackets: "[]", into: &output, layout: layout, indent: indent) {
                $0.write(into: &$1, layout: layout, indent: indent + 1)
            }
        case .object(let members):
            let ordered = layout == .canonical ? members.sorted { $0.name < $1.name } : members
            Self.writeList(ordered, brackets: "{}", into: &output, layout: layout, indent: indent) {
                Self.write($0.name, into: &$1)
                $1 += (layout == .pretty ? ": " : ":").utf8
                $0.value.write(into: &$1, layout: layout, indent: indent + 1)
            }
        }
    }

    private static func writeList<Element>(
        _ list: [Element],
        brackets: StaticString,
        into output: inout [UInt8],
        layout: Layout,
        indent: Int,
        each: (Element, inout [UInt8]) -> Void
    ) {
        let spelled = Array(brackets.description.utf8)
        output.append(spelled[0])
        for (index, element) in list.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            if layout == .pretty { newLine(indent + 1, into: &output) }
            each(element, &output)
        }
        if layout == .pretty, !list.isEmpty { newLine(indent, into: &output) }
        output.append(spelled[1])
    }

    private static func newLine(_ indent: Int, into output: inout [UInt8]) {
        output.append(0x0A)
        output.append(contentsOf: repeatElement(0x20, count: indent * 2))
    }

    private static func write(_ string: ByteString, into output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        let bytes = string.isValidUTF8 ? string.bytes : Array(string.string.utf8)
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""): output += #"\""#.utf8
            case UInt8(ascii: "\\"): output += #"\\"#.utf8
            case 0x0A: output += #"\n"#.utf8
            case 0x0D: output += #"\r"#.utf8
            case 0x09: output += #"\t"#.utf8
            case 0..<0x20, 0x7F:
                let digits = String(byte, radix: 16)
                output += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}
