import Foundation
import MMBytes

/// The metadata of a trusted GGUF file as a JSON object: what the tokenizer takes, without the checkpoint readers.
enum GGUFMetadata {
    static func read(_ path: String) throws -> JSONValue {
        let data = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
        let head = [UInt8](data.prefix(16 << 20))
        var reader = ByteReader(head.span.bytes)
        try reader.skip(byteCount: 16)
        let count = try reader.little(UInt64.self)
        var members: [JSONMember] = []
        for _ in 0..<count {
            let name = try string(&reader)
            members.append(JSONMember(name: name, value: try value(&reader, type: try reader.little(UInt32.self))))
        }
        return .object(members)
    }

    private static func string(_ reader: inout ByteReader) throws -> ByteString {
        try reader.string(byteCount: Int(try reader.little(UInt64.self)))
    }

    private static func value(_ reader: inout ByteReader, type: UInt32) throws -> JSONValue {
        switch type {
        case 0: return .integer(Int(try reader.little(UInt8.self)))
        case 1: return .integer(Int(try reader.little(Int8.self)))
        case 2: return .integer(Int(try reader.little(UInt16.self)))
        case 3: return .integer(Int(try reader.little(Int16.self)))
        case 4: return .integer(Int(try reader.little(UInt32.self)))
        case 5: return .integer(Int(try reader.little(Int32.self)))
        case 6: return .number(Double(Float(bitPattern: try reader.little(UInt32.self))))
        case 7: return .bool(try reader.little(UInt8.self) != 0)
        case 8: return .string(try string(&reader))
        case 9:
            let element = try reader.little(UInt32.self)
            let count = try reader.little(UInt64.self)
            var elements: [JSONValue] = []
            for _ in 0..<count { elements.append(try value(&reader, type: element)) }
            return .array(elements)
        case 10: return .integer(Int(bitPattern: UInt(try reader.little(UInt64.self))))
        case 11: return .integer(Int(try reader.little(Int64.self)))
        default: return .number(Double(bitPattern: try reader.little(UInt64.self)))
        }
    }
}
