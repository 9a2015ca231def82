import MMArchitectures
import MMBytes
import MMTensors
import MMTestSupport
import Testing

/// Every layout and every spelling of the configuration in which a family is met is the same model, tensor by tensor.
@Suite struct LayoutTests {
    static let families: [String] = {
        guard let json = try? JSONValue(parsing: Fixture.bytes("oracles/layouts.json")) else { return [] }
        return (json.members ?? []).map(\.name.string)
    }()

    private static func spelled(_ family: String, _ spelling: String) throws -> ModelConfiguration {
        .huggingFace(try JSONValue(parsing: Fixture.bytes("oracles/configs/\(family).\(spelling).json")))
    }

    private static func expectSame(_ found: MappedSource, _ expected: MappedSource, _ what: String) throws {
        #expect(found.model.architectureID == expected.model.architectureID, "\(what)")
        #expect(found.model.isVerifiable == expected.model.isVerifiable, "\(what): \(found.model.reason ?? "")")
        #expect(found.model.decoder == expected.model.decoder, "\(what)")
        #expect(found.model.vision == expected.model.vision, "\(what)")
        #expect(found.model.connector == expected.model.connector, "\(what)")
        #expect(found.model.fusion == expected.model.fusion, "\(what)")
        #expect(found.tensors == expected.tensors, "\(what)")
        #expect(found.roles == expected.roles, "\(what)")
        for (index, tensor) in expected.tensors.enumerated() where index < found.tensors.count {
            let bytes = try TestTensor.read(index, of: found, inPieces: max(1, found.tensors[index].byteCount))
            let wanted = try TestTensor.read(index, of: expected, inPieces: max(1, tensor.byteCount))
            #expect(bytes == wanted, "\(what): \(tensor.name)")
        }
    }

    @Test func everyFamilyWithOtherLayoutsIsHere() {
        #expect(Self.families.count == 27)
        #expect(OtherLayout.all.count == 20)
    }

    @Test(arguments: families)
    func oldAndNewSpellingsAreTheSameModel(family: String) throws {
        var source = try FixtureSource.huggingFace(family)
        let expected = try MappedSource.resolve(source)
        #expect(expected.model.architectureID != nil)
        for spelling in ["old", "new"] {
            source.configuration = try Self.spelled(family, spelling)
            try Self.expectSame(try MappedSource.resolve(source), expected, "\(family), \(spelling) spelling")
        }
    }

    @Test(arguments: OtherLayout.all)
    func everyLayoutIsTheSameModel(layout: OtherLayout) throws {
        let source = try FixtureSource.huggingFace(layout.family)
        let expected = try MappedSource.resolve(source)
        var other = try layout.applied(to: source)
        #expect(Set(other.tensors.map(\.name)) != Set(source.tensors.map(\.name)))
        let configurations = [source.configuration] + (try ["old", "new"].map { try Self.spelled(layout.family, $0) })
        for configuration in configurations {
            other.configuration = configuration
            try Self.expectSame(try MappedSource.resolve(other), expected, layout.testDescription)
        }
    }
}
