import MMArchitectures
import MMBytes
import MMReference
import MMStorage
import MMTensors
import MMTestSupport
import Testing

/// A connector that timm's RegStage or layers of torch computed: fixtures/mm1/connectors.py.
struct ConnectorOracle: Sendable, CustomTestStringConvertible {
    let name: String
    var testDescription: String { name }

    static let all = Fixture.entries(of: "mm1/connectors", suffix: ".json").map { path in
        ConnectorOracle(name: String(path.split(separator: "/").last?.dropLast(".json".count) ?? ""))
    }

    private struct Case {
        let facts: JSONValue
        let golden: MemorySource

        func count(_ name: ByteString) throws -> Int { try #require(facts[name]?.integer) }
    }

    private func load() throws -> Case {
        Case(
            facts: try JSONValue(parsing: try Fixture.bytes("mm1/connectors/\(name).json")),
            golden: try MemorySource(safetensors: "mm1/connectors/\(name).safetensors")
        )
    }

    /// What the golden file says that a seeded mistake changes.
    func recordedChange(_ mistake: ByteString) throws -> Double? {
        try load().facts["relative_change"]?[mistake]?.double
    }

    /// A whole model around the connector: nano's tower and decoder in the widths of the case, without weights.
    func source() throws -> ConfiguredSource {
        let oracle = try load()
        var source = try ConfiguredSource(path: "mm1/nano")
        guard case .huggingFace(let json) = source.configuration else { return source }
        let side = try Int(Double(oracle.count("patches")).squareRoot())
        func changed(_ name: ByteString, _ changes: KeyValuePairs<ByteString, JSONValue>) -> JSONValue {
            changes.reduce(json[name] ?? [:]) { $0.setting($1.key, to: $1.value) }
        }
        let width = JSONValue.integer(try oracle.count("encoder_hidden_size"))
        let text = JSONValue.integer(try oracle.count("output_hidden_size"))
        let configuration =
            json
            .setting(
                "vision_config",
                to: changed(
                    "vision_config",
                    [
                        "hidden_size": width, "num_attention_heads": 1, "num_hidden_layers": 1, "patch_size": 2,
                        "image_size": .integer(2 * side),
                    ]
                )
            )
            .setting("text_config", to: changed("text_config", ["hidden_size": text, "num_hidden_layers": 1]))
            .setting("connector_config", to: try #require(oracle.facts["connector_config"]))
        let outline = try ModelOutline(configuration, type: .f32)
        // What the parts are called in a checkpoint is known from the real one.
        let claims = try MappedSource.resolve(source).ledger.claimed
        let names = Dictionary(claims.map { ($0.name, $0.sourceName) }) { first, _ in first }
        source.configuration = .huggingFace(configuration)
        source.memory = MemorySource(
            try outline.tensors.indices.filter { outline.components[$0] != .connector }.map { index in
                let tensor = outline.tensors[index]
                let name = try #require(names[tensor.name])
                let zeros = [Float](repeating: 0, count: tensor.shape.elementCount)
                return try #require(MemorySource.Entry(name.string, tensor.shape.dimensions, zeros))
            } + oracle.golden.entries.filter { $0.descriptor.name.hasPrefix("abstractor.") }
        )
        return source
    }

    /// How much what comes out departs from the golden, with some operations changed.
    func error(_ change: (inout [ConnectorOperation]) -> Void = { _ in }) throws -> Double {
        let oracle = try load()
        let mapped = try MappedSource.resolve(try source())
        var configuration = try #require(mapped.model.connector, "\(mapped.model.reason ?? "")")
        change(&configuration.operations)
        let width = try oracle.count("encoder_hidden_size")
        let connector = try Connector(
            source: mapped,
            configuration: configuration,
            towerWidth: width,
            team: ThreadTeam(threadCount: 2)
        )
        let patches = try oracle.count("patches")
        let side = Int(Double(patches).squareRoot())
        let input = oracle.golden.floats("input")
        let feature = try #require(configuration.features.first)
        var found: [Float] = []
        for start in stride(from: 0, to: input.count, by: patches * width) {
            let features = try VisionFeatures(
                Array(input[start..<start + patches * width]),
                as: feature,
                grid: PatchGrid(rows: side, columns: side),
                leadCount: 0,
                width: width
            )
            let tokens = try connector.connect(features)
            found += tokens.values.values(0..<tokens.tokenCount * tokens.width).withUnsafeBufferPointer { Array($0) }
        }
        return relativeError(found, oracle.golden.floats("output"))
    }
}

extension JSONValue {
    /// The object with a member of another value.
    func setting(_ name: ByteString, to value: JSONValue) -> JSONValue {
        .object((members ?? []).filter { $0.name != name } + [JSONMember(name: name, value: value)])
    }
}
