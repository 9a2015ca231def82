internal import CFormats
internal import MMBytes
package import MMTensors

/// formats/tables/constructs.json: what models are made of that the reference model does not compute, and how a
/// checkpoint shows that it has it.
package struct ConstructTable: Sendable {
    struct Construct: Sendable, Hashable {
        let name: String
        let configurationKeys: [ByteString]
        /// Of GGUF, behind the name of the architecture.
        let metadataKeys: [ByteString]
        /// Between full stops of the names of tensors.
        let words: [ByteString]
        /// Values of the keys that change nothing.
        let neutralValues: [Double]
    }

    let constructs: [Construct]

    /// The table that the program was built with. Throws `DescriptionError` where it is broken, which the tests rule out.
    package static func embedded() throws(DescriptionError) -> ConstructTable { try shared.get() }

    private static let shared: Result<ConstructTable, DescriptionError> = {
        let table = unsafe mmf_constructs()
        // The bytes are a constant of the program, `count` long.
        let bytes = unsafe Array(UnsafeBufferPointer(start: table.pointer, count: table.count))
        do throws(DescriptionError) {
            return .success(try ConstructTable(parsing: bytes))
        } catch {
            return .failure(error)
        }
    }()

    /// Throws `DescriptionError` for a text that does not keep to formats/schemas/constructs.json.
    init(parsing text: [UInt8]) throws(DescriptionError) {
        let value: JSONValue
        do throws(ParseError) { value = try JSONValue(parsing: text) } catch {
            throw DescriptionError(.notJSON(error), place: "constructs")
        }
        var object = try StrictObject(value, place: "constructs")
        _ = try object.string("schema")
        var constructs: [Construct] = []
        for (index, element) in try object.elements("constructs").enumerated() {
            constructs.append(try Self.construct(element, place: "constructs[\(index)]"))
        }
        try object.finish()
        self.constructs = constructs
    }

    private static func construct(_ value: JSONValue, place: String) throws(DescriptionError) -> Construct {
        var object = try StrictObject(value, place: place)
        let name = try object.string("name")
        _ = try object.string("source")
        let construct = Construct(
            name: name,
            configurationKeys: try object.strings("config"),
            metadataKeys: try object.strings("gguf"),
            words: try object.strings("tensors"),
            neutralValues: try object.elements("neutral").compactMap(\.double)
        )
        try object.finish()
        return construct
    }

    /// What a source has of the table, in its order, each with what shows it: "multi-head latent attention
    /// (kv_lora_rank 512)".
    package func found(in source: any TensorSource) -> [String] {
        let settings = Settings(source.configuration)
        let examples = examples(source.tensors)
        return constructs.compactMap { construct in
            if let setting = settings.first(of: construct) { return "\(construct.name) (\(setting))" }
            guard let example = construct.words.lazy.compactMap({ examples[$0] }).first else { return nil }
            return "\(construct.name) (tensor \(example))"
        }
    }

    /// The first tensor whose name has each of the words.
    private func examples(_ tensors: [TensorDescriptor]) -> [ByteString: ByteString] {
        let words = Set(constructs.flatMap(\.words))
        var examples: [ByteString: ByteString] = [:]
        for tensor in tensors {
            for word in tensor.name.bytes.split(separator: 0x2E) {
                let word = ByteString(word)
                if words.contains(word), examples[word] == nil { examples[word] = tensor.name }
            }
        }
        return examples
    }
}

/// The keys of a configuration that are set, at any depth, with their values.
private struct Settings {
    private var values: [ByteString: JSONValue] = [:]
    private var isGGUF = false

    init(_ configuration: ModelConfiguration) {
        switch configuration {
        case .huggingFace(let json): collect(json)
        case .gguf(let json):
            isGGUF = true
            collect(json)
        case .bundle, .none: break
        }
    }

    /// The first of a key wins, an outer one before an inner one.
    private mutating func collect(_ root: JSONValue) {
        var waiting = [root]
        var next = 0
        while next < waiting.count {
            for member in waiting[next].members ?? [] {
                if Self.isSet(member.value), values[member.name] == nil { values[member.name] = member.value }
                if member.value.members != nil { waiting.append(member.value) }
            }
            next += 1
        }
    }

    private static func isSet(_ value: JSONValue) -> Bool {
        if let number = value.double { return number != 0 }
        return value != .null && value != .bool(false) && value.string?.isEmpty != true
            && value.elements?.isEmpty != true
            && value.members?.isEmpty != true
    }

    /// Such as `kv_lora_rank 512`.
    func first(of construct: ConstructTable.Construct) -> String? {
        func shows(_ value: JSONValue) -> Bool { !construct.neutralValues.contains { value.double == $0 } }
        guard isGGUF else {
            for key in construct.configurationKeys {
                if let value = values[key], shows(value) { return Self.text(key, value) }
            }
            return nil
        }
        for key in construct.metadataKeys {
            let found = values.filter { name, value in
                (name == key || name.bytes.hasSuffix([0x2E] + key.bytes)) && shows(value)
            }
            // The same whatever the order of a dictionary.
            if let first = found.min(by: { $0.key.bytes.lexicographicallyPrecedes($1.key.bytes) }) {
                return Self.text(first.key, first.value)
            }
        }
        return nil
    }

    /// The key, and a value that is short.
    private static func text(_ key: ByteString, _ value: JSONValue) -> String {
        if value == .bool(true) { return key.description }
        if let elements = value.elements { return "\(key) of \(elements.count) elements" }
        guard value.members == nil else { return key.description }
        let text = value.string.map { "\"\($0)\"" } ?? ByteString(value.serialized()).description
        return text.count > 40 ? key.description : "\(key) \(text)"
    }
}

extension Collection where Element: Equatable {
    fileprivate func hasSuffix(_ suffix: some Collection<Element>) -> Bool {
        count >= suffix.count && dropFirst(count - suffix.count).elementsEqual(suffix)
    }
}
