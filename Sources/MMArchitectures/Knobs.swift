package import MMBytes

/// The facts of one model, in the order of its description, each with where it came from.
package struct Knobs: Sendable, Hashable {
    package private(set) var entries: [Entry] = []

    package struct Entry: Sendable, Hashable {
        package let name: String
        package let value: KnobValue
        /// For a person: "config.json: hidden_size", "default", "computed".
        package let origin: String
    }

    /// The knobs of the model's parts, by part: `text.d_model` is one of text's.
    private let scopes: [String: Knobs]

    package init() {
        scopes = [:]
    }

    init(scopes: [String: Knobs]) {
        self.scopes = scopes
    }

    package subscript(name: String) -> KnobValue? {
        if let entry = entries.first(where: { $0.name == name }) { return entry.value }
        guard let dot = name.firstIndex(of: ".") else { return nil }
        return scopes[String(name[..<dot])]?[String(name[name.index(after: dot)...])]
    }

    mutating func append(_ name: String, _ value: KnobValue, origin: String) {
        entries.append(Entry(name: name, value: value, origin: origin))
    }

    /// The same with another value of a knob.
    func replacing(_ name: String, with value: KnobValue) -> Knobs {
        var copy = self
        copy.entries = entries.map { $0.name == name ? Entry(name: name, value: value, origin: $0.origin) : $0 }
        return copy
    }

    /// The values as an object, in order.
    package var json: JSONValue {
        .object(entries.map { JSONMember(name: ByteString($0.name), value: $0.value.json) })
    }

    /// Where each value came from, as an object of texts.
    package var originsJSON: JSONValue {
        .object(entries.map { JSONMember(name: ByteString($0.name), value: .text($0.origin)) })
    }
}
