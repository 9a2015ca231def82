import MMArchitectures
import MMBytes
import MMCheckpoints
import MMReference
import MMStorage
import MMTensors
import MMTestSupport
import Testing

/// A tiny model of a family that transformers made and ran: fixtures/oracles/make_families.py.
struct FamilyOracle: Sendable, CustomTestStringConvertible {
    let name: String
    var testDescription: String { name }

    /// Every folder that has a golden of text tokens alone.
    static let text = Fixture.entries(of: "oracles/golden", suffix: ".json").compactMap { path -> FamilyOracle? in
        guard let json = try? JSONValue(parsing: Fixture.bytes(path)), json["family"] != nil,
            let oracle = json["oracle"]?.string?.string, json["tensors"]?["pixel_values"] == nil,
            json["tensors"]?["input_ids"] != nil
        else { return nil }
        return FamilyOracle(name: oracle)
    }

    func mapped() throws -> MappedSource {
        try MappedSource.resolve(Checkpoint.open(Fixture.path("oracles/\(name)")))
    }

    func golden() throws -> MemorySource {
        try MemorySource(safetensors: "oracles/golden/\(name).safetensors")
    }

    func decoder(
        isStreaming: Bool = false,
        _ change: (inout DecoderConfiguration) -> Void = { _ in }
    ) throws -> ReferenceDecoder {
        let source = try mapped()
        var configuration = try #require(source.model.decoder, "\(source.model.reason ?? "")")
        change(&configuration)
        return try ReferenceDecoder(
            source: source,
            configuration: configuration,
            team: ThreadTeam(threadCount: 2),
            isStreaming: isStreaming
        )
    }

    /// The token ids of each sequence.
    func sequences() throws -> [[UInt32]] {
        let golden = try golden()
        let ids = golden.integers("input_ids").map { UInt32($0) }
        let length = try #require(golden["input_ids"]?.descriptor.shape.columnCount)
        return stride(from: 0, to: ids.count, by: length).map { Array(ids[$0..<$0 + length]) }
    }
}
