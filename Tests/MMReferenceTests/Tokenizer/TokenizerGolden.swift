import MMBytes
import MMReference
import MMTestSupport
import Testing

/// Goldens under fixtures/tokenizers, made with the `tokenizers` library.
enum TokenizerGolden {
    static let byteStyles = ["gpt2", "llama3", "qwen2", "smollm2"]
    static let pieceStyles = ["llama2", "mistral", "gemma", "t5", "unigram"]
    static let styles = byteStyles + pieceStyles

    static func json(_ path: String) throws -> JSONValue {
        try JSONValue(parsing: try Fixture.bytes("tokenizers/\(path)"))
    }

    static func tokenizer(_ style: String) throws -> Tokenizer {
        try Tokenizer(tokenizerJSON: try json("\(style)/tokenizer.json"))
    }

    static func strings() throws -> [[UInt8]] {
        try texts(try json("strings.json")["strings"])
    }

    static func malformed() throws -> [[UInt8]] {
        let lines = try #require(try json("strings.json")["malformed"]?.elements)
        return lines.compactMap(\.string).map { line in
            stride(from: 0, to: line.count, by: 2).compactMap {
                UInt8(String(decoding: line.bytes[$0..<$0 + 2], as: UTF8.self), radix: 16)
            }
        }
    }

    static func texts(_ value: JSONValue?) throws -> [[UInt8]] {
        try #require(value?.elements).compactMap { $0.string?.bytes }
    }

    static func ids(_ value: JSONValue?) throws -> [UInt32] {
        try #require(value?.elements).compactMap { $0.integer.flatMap(UInt32.init(exactly:)) }
    }

    static func lines(_ value: JSONValue?) throws -> [[UInt32]] {
        try #require(value?.elements).map { try ids($0) }
    }
}

extension JSONValue {
    /// The object with the member at a path of names replaced.
    func replacing(_ path: [ByteString], with value: JSONValue?) -> JSONValue {
        guard let name = path.first, case .object(var members) = self else { return value ?? .null }
        let index = members.firstIndex { $0.name == name }
        let rest = Array(path.dropFirst())
        guard let value else {
            if let index, rest.isEmpty {
                members.remove(at: index)
            } else if let index {
                members[index].value = members[index].value.replacing(rest, with: nil)
            }
            return .object(members)
        }
        if let index {
            members[index].value = members[index].value.replacing(rest, with: value)
        } else {
            members.append(JSONMember(name: name, value: JSONValue.object([]).replacing(rest, with: value)))
        }
        return .object(members)
    }
}
