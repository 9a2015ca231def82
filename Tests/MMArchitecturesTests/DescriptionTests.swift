import MMArchitectures
import MMBytes
import MMTestSupport
import Testing

@Suite struct DescriptionTests {
    /// What the decoders have in common, as a description of its own, for changing.
    static var decoder: JSONValue {
        get throws {
            let text = try JSONValue(parsing: try file("formats/architectures/decoder.json")).with("abstract", nil)
            return change(text, ["match", "when"]) { _ in [["holds": "n_layers > 0", "otherwise": "it has no layers"]] }
        }
    }

    @Test func everyEmbeddedDescriptionDecodes() throws {
        let catalog = try ArchitectureCatalog.embedded()
        #expect(catalog.architectures.count == ArchitectureCatalog.embeddedTexts.count - Self.abstractCount)
        #expect(catalog["llama"]?.graph == .decoder)
        #expect(catalog["lama"] == nil)
        #expect(catalog["decoder"] == nil)
    }

    /// Descriptions that are only there to be extended.
    static let abstractCount = 2

    @Test func whatExtendsNothingKnownIsRefused() throws {
        let text: JSONValue = ["schema": "mmpack.architecture/1", "id": "orphan", "extends": "nobody"]
        #expect(throws: DescriptionError.self) { try ArchitectureCatalog(parsing: [text.serialized()]) }
        let ring: JSONValue = ["schema": "mmpack.architecture/1", "id": "ring", "extends": "ring"]
        #expect(throws: DescriptionError.self) { try ArchitectureCatalog(parsing: [ring.serialized()]) }
    }

    @Test func aChangeOfATensorThatIsNotThereIsRefused() throws {
        let base = try Self.decoder.with("abstract", true)
        let child: JSONValue = ["id": "child", "extends": "decoder", "tensors": [["name": "text.nothing"]]]
        #expect(throws: DescriptionError.self) {
            try ArchitectureCatalog(parsing: [base.serialized(), child.serialized()])
        }
    }

    @Test func everyDescriptionKeepsToTheSchema() throws {
        let schema = JSONSchema(try JSONValue(parsing: try Self.file("formats/schemas/architecture.json")))
        for text in ArchitectureCatalog.embeddedTexts {
            #expect(schema.violations(try JSONValue(parsing: text)) == [])
        }
    }

    @Test func theTableHoldsTheFilesOfTheFolder() throws {
        for description in try ArchitectureCatalog.embedded().architectures {
            #expect(
                ArchitectureCatalog.embeddedTexts.contains(
                    try Self.file("formats/architectures/\(description.id).json")
                )
            )
        }
    }

    @Test(arguments: [
        "", "match", "match.hf", "match.gguf", "knobs.d_model", "tensors.0", "tensors.4", "tensors.4.tensors.0",
        "tensors.4.repeat", "match.when.0", "runs.0", "ignore.0", "hf_config", "tensors.6.instead",
    ])
    func refusesAnUnknownMember(place: String) throws {
        let path = place.isEmpty ? [] : place.split(separator: ".").map(String.init)
        let changed = Self.change(try Self.decoder, path[...]) { $0.with("stranger", 1) }
        let error = try #require(throws: DescriptionError.self) {
            try ArchitectureDescription(parsing: changed.serialized())
        }
        #expect(error.description.contains("stranger") || error.reason == .wrongType(expected: "an expression"))
        let schema = JSONSchema(try JSONValue(parsing: try Self.file("formats/schemas/architecture.json")))
        #expect(!schema.violations(changed).isEmpty)
    }

    @Test(arguments: [
        "schema", "id", "title", "status", "graph", "match", "knobs", "gguf_keys", "knobs.d_model.default",
        "knobs.d_model.type", "knobs.d_model.from", "tensors.0.name", "tensors.0.role", "ignore.0.reason",
        "tensors.4.repeat.i", "runs.0.otherwise", "match.hf", "hf_config.members",
    ])
    func refusesAMissingMember(place: String) throws {
        let path = place.split(separator: ".").map(String.init)
        let changed = Self.change(try Self.decoder, path.dropLast()) { $0.with(path[path.count - 1], nil) }
        #expect(throws: DescriptionError.self) { try ArchitectureDescription(parsing: changed.serialized()) }
    }

    @Test(arguments: [
        ("schema", "mmpack.architecture/2"), ("status", "perhaps"), ("graph", "tree"), ("prefixes", "model."),
        ("tensors.0.role", "unseen"), ("tensors.0.name", "words.embed"), ("tensors.0.name", "text.{i}.embed"),
        ("tensors.4.tensors.0.name", "text.norm"), ("tensors.4.tensors.1.gguf_op", "transpose(1)"),
        ("tensors.4.tensors.1.gguf_op", "rope_unpermute(n_tails)"), ("tensors.4.repeat.i", "n_layer"),
        ("knobs.head_dim.default", "d_modell / n_heads"), ("knobs.d_model.default", "n_heads"),
        ("tensors.0.name", "text.norm.weight"), ("tensors.6.instead.tensor", "text.nothing"),
        ("knobs.tied.absent", "text.nothing"), ("knobs.d_model.type", "counts"), ("tensors.0.when", "1 +"),
    ])
    func refusesAWrongValue(place: String, value: String) throws {
        let path = place.split(separator: ".").map(String.init)
        let changed = Self.change(try Self.decoder, path[...]) { _ in .text(value) }
        #expect(throws: DescriptionError.self) { try ArchitectureDescription(parsing: changed.serialized()) }
    }

    @Test func refusesATextThatIsNoJSON() throws {
        for cut in [0, 1, 100, 1000] {
            let text = try Self.decoder.serialized()
            #expect(throws: DescriptionError.self) { try ArchitectureDescription(parsing: Array(text.prefix(cut))) }
        }
    }

    static func file(_ path: String) throws -> [UInt8] { try Fixture.bytes("../\(path)") }

    /// The value with what lies at a path of members and indices changed.
    static func change(
        _ value: JSONValue,
        _ path: ArraySlice<String>,
        _ body: (JSONValue) -> JSONValue
    ) -> JSONValue {
        guard let step = path.first else { return body(value) }
        if var elements = value.elements, let index = Int(step), elements.indices.contains(index) {
            elements[index] = change(elements[index], path.dropFirst(), body)
            return .array(elements)
        }
        var members = value.members ?? []
        if let index = members.firstIndex(where: { $0.name == ByteString(step) }) {
            members[index].value = change(members[index].value, path.dropFirst(), body)
        } else {
            members.append(JSONMember(name: ByteString(step), value: change(.null, path.dropFirst(), body)))
        }
        return .object(members)
    }
}
