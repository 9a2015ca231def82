import MMArchitectures
import MMBytes
import MMCheckpoints
import MMReference
import MMTensors
import MMTestSupport
import Testing

/// The trained models of fixtures/mm1 as mmpack understands them.
@Suite struct MM1ResolutionTests {
    static let models = ["nano", "nano-moe"]

    private static func mapped(_ name: String) throws -> MappedSource {
        try MappedSource.resolve(Checkpoint.open(Fixture.path("mm1/\(name)")))
    }

    @Test(arguments: models)
    func everyPartIsKnown(name: String) throws {
        let model = try Self.mapped(name).model
        #expect(model.architectureID == "mm1")
        #expect(model.reason == nil)
        #expect(model.components.map(\.architectureID) == ["clip-vision", name == "nano" ? "qwen3" : "qwen3-moe"])
        let vision = try #require(model.vision)
        #expect(vision.hasClassToken)
        #expect(vision.position == .learned(side: 9, interpolation: .bicubic))
        let connector = try #require(model.connector)
        #expect(connector.tokenCount(rows: 9, columns: 9, hasClassToken: true) == 16)
        let decoder = try #require(model.decoder)
        #expect(
            decoder.layers.map(\.isSparse)
                == (name == "nano" ? [false, false, false, false] : [false, true, false, true])
        )
        #expect(decoder.queryKeyNorm == .head)
        #expect(decoder.isTied)
    }

    /// What is quantized is told by roles: convolutions by 1 x 1 are matrices, the depthwise ones are not.
    @Test func rolesTellWhatMayBeQuantized() throws {
        let mapped = try Self.mapped("nano")
        func facts(_ name: String) throws -> String {
            let index = try #require(mapped.tensors.firstIndex { $0.name == ByteString(name) })
            return "\(mapped.roles[index]) \(mapped.tensors[index].shape)"
        }
        #expect(try facts("connector.stage1.0.conv1.weight") == "linear [128, 128]")
        #expect(try facts("connector.stage1.0.conv3.weight") == "linear [128, 128]")
        #expect(try facts("connector.stage2.0.squeeze1.weight") == "linear [32, 128]")
        #expect(try facts("connector.stage1.0.depthwise.weight") == "depthwise [128, 1, 3, 3]")
        #expect(try facts("connector.readout.1.weight") == "linear [128, 128]")
        #expect(try facts("connector.position.weight") == "pos [81, 128]")
    }

    /// A configuration alone tells the same tensors as a checkpoint of it.
    @Test(
        arguments: ["mm1/nano", "mm1/nano-moe"]
            + (FusionOracle.families + FamilyOracle.text.map(\.name)).map { "oracles/\($0)" }
    )
    func outlinesAreTheCheckpoints(folder: String) throws {
        let mapped = try MappedSource.resolve(Checkpoint.open(Fixture.path(folder)))
        let json = try JSONValue(parsing: try Fixture.bytes("\(folder)/config.json"))
        let outline = try ModelOutline(json, type: .bf16)
        #expect(outline.model.architectureID == mapped.model.architectureID)
        var missing: [ByteString] = []
        for (index, tensor) in mapped.tensors.enumerated() {
            guard let other = outline.tensors.firstIndex(where: { $0.name == tensor.name }) else {
                missing.append(tensor.name)
                continue
            }
            #expect(outline.tensors[other].shape == tensor.shape, "\(tensor.name)")
            #expect(outline.roles[other] == mapped.roles[index])
            #expect(outline.components[other] == mapped.components[index])
        }
        // Some checkpoints hold a head that their configuration lets them do without, or the norm behind a tower's last
        // layer, which nothing uses when the connector reads an earlier place.
        let spare: Set<ByteString> = ["text.head.weight", "vision.post_norm.weight", "vision.post_norm.bias"]
        #expect(spare.isSuperset(of: missing), "\(missing)")
        #expect(outline.tensors.count == mapped.tensors.count - missing.count)
    }

    @Test func whatIsAssumedIsSaid() throws {
        let assumed = try Self.mapped("nano").model.assumptions()
        for name in ["text", "fusion", "depth", "hidden", "feature_layer"] { #expect(assumed.contains(name)) }
        for name in ["vision", "tokens", "kind"] { #expect(!assumed.contains(name)) }
        let llama = try MappedSource.resolve(Checkpoint.open(Fixture.path("oracles/llama-tied")))
        #expect(try llama.model.assumptions() == [])
    }
}
