import Foundation
import MMBundles
import MMBytes
import MMCodecs
import MMTestSupport
import Testing

/// The vectors of fixtures/bundles, which formats/python reads as well: what one reader takes, the other takes.
@Suite struct ConformanceTests {
    private struct Expected: Decodable {
        let tensors: [String: String]
    }

    @Test(arguments: Fixture.entries(of: "bundles/good", suffix: ".json"))
    func takesEveryGoodBundle(_ entry: String) throws {
        let expected = try JSONDecoder().decode(Expected.self, from: Data(Fixture.bytes(entry)))
        let bundle = try Bundle.open(Fixture.path(entry.replacing(".json", with: ".mmpack")))
        _ = try bundle.verifyIntegrity(width: 1)
        let found = bundle.manifest.tensors.map { tensor in
            (tensor.sourceName.string, tensor.digest.hexadecimal)
        }
        #expect(Dictionary(uniqueKeysWithValues: found) == expected.tensors)
    }

    @Test(arguments: Fixture.entries(of: "bundles/bad", suffix: ".error"))
    func refusesEveryBadBundle(_ entry: String) throws {
        let path = Fixture.path(entry.replacing(".error", with: ".mmpack"))
        #expect(throws: BundleError.self) { _ = try Bundle.open(path).verifyIntegrity(width: 1) }
    }

    @Test func hasVectorsOfBothKinds() {
        #expect(Fixture.entries(of: "bundles/good", suffix: ".json").count >= 6)
        #expect(Fixture.entries(of: "bundles/bad", suffix: ".error").count >= 80)
    }
}
