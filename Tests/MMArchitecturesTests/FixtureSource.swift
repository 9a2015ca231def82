import MMBytes
import MMTensors
import MMTestSupport
import Testing

/// Reads sound fixtures into memory with just enough of each format: the readers of mmpack lie in a module beside this.
enum FixtureSource {
    /// A Hugging Face folder of fixtures/oracles/.
    static func huggingFace(_ name: String) throws -> CountingSource {
        var source = CountingSource()
        let folder = "oracles/\(name)"
        for path in Fixture.entries(of: folder, suffix: ".safetensors") {
            let bytes = try Fixture.bytes(path)
            let headerCount = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
            let header = try JSONValue(parsing: Array(bytes[8..<8 + headerCount]))
            for member in header.members ?? [] where member.name != "__metadata__" {
                let extent = (member.value["data_offsets"]?.elements ?? []).compactMap(\.integer)
                let shape = (member.value["shape"]?.elements ?? []).compactMap(\.integer)
                let type = ElementType(rawValue: member.value["dtype"]?.string?.string ?? "")
                let start = 8 + headerCount + extent[0]
                try source.add(
                    member.name.string,
                    try #require(type),
                    shape,
                    Array(bytes[start..<8 + headerCount + extent[1]])
                )
            }
        }
        source.configuration = .huggingFace(try JSONValue(parsing: try Fixture.bytes("\(folder)/config.json")))
        return source
    }

    /// The GGUF files of fixtures/oracles/gguf/ whose names begin with `name`: a file, or a split set.
    static func gguf(_ name: String) throws -> CountingSource {
        var source = CountingSource(format: "gguf")
        let paths = Fixture.entries(of: "oracles/gguf", suffix: ".gguf").filter { $0.hasPrefix("oracles/gguf/\(name)") }
        for (number, path) in paths.enumerated() {
            let pairs = try add(try Fixture.bytes(path), to: &source)
            if number == 0 { source.configuration = .gguf(pairs) }
        }
        return source
    }

    private static func add(_ bytes: [UInt8], to source: inout CountingSource) throws -> JSONValue {
        var reader = ByteReader(bytes.span.bytes)
        try reader.skip(byteCount: 8)
        let tensorCount = Int(try reader.little(UInt64.self))
        var pairs: [JSONMember] = []
        for _ in 0..<(try reader.little(UInt64.self)) {
            let name = try text(&reader)
            pairs.append(JSONMember(name: name, value: try value(&reader, kind: try reader.little())))
        }
        var entries: [(name: ByteString, type: ElementType, shape: [Int], offset: Int)] = []
        for _ in 0..<tensorCount {
            let name = try text(&reader)
            let rank: UInt32 = try reader.little()
            let shape = try (0..<rank).map { _ in Int(try reader.little(UInt64.self)) }
            let id: UInt32 = try reader.little()
            let type = try #require(ElementType(ggmlType: id))
            entries.append((name, type, shape.reversed(), Int(try reader.little(UInt64.self))))
        }
        let start = try #require(reader.offset.roundedUp(toMultipleOf: 32))
        for entry in entries {
            let from = start + entry.offset
            let byteCount = try TestTensor.descriptor("", entry.type, entry.shape).byteCount
            try source.add(entry.name.string, entry.type, entry.shape, Array(bytes[from..<from + byteCount]))
        }
        return .object(pairs)
    }

    private static func text(_ reader: inout ByteReader) throws -> ByteString {
        try reader.string(byteCount: Int(try reader.little(UInt64.self)))
    }

    private static func value(_ reader: inout ByteReader, kind: UInt32) throws -> JSONValue {
        switch kind {
        case 0: .integer(Int(try reader.little(UInt8.self)))
        case 2: .integer(Int(try reader.little(UInt16.self)))
        case 4: .integer(Int(try reader.little(UInt32.self)))
        case 5: .integer(Int(try reader.little(Int32.self)))
        case 6: .number(Double(Float(bitPattern: try reader.little())))
        case 7: .bool(try reader.little(UInt8.self) != 0)
        case 8: .string(try text(&reader))
        case 9: try array(&reader)
        default: .integer(Int(try reader.little(UInt64.self)))
        }
    }

    private static func array(_ reader: inout ByteReader) throws -> JSONValue {
        let kind: UInt32 = try reader.little()
        var elements: [JSONValue] = []
        for _ in 0..<(try reader.little(UInt64.self)) { elements.append(try value(&reader, kind: kind)) }
        return .array(elements)
    }
}
