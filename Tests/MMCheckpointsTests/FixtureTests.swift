import MMBytes
import MMCheckpoints
import MMTensors
import MMTestSupport
import Testing

/// Every file under fixtures/ in a `good` folder opens to what its golden says, and every one in a `bad` folder is
/// refused for the reason that stands beside it.
@Suite struct FixtureTests {
    static let good =
        Fixture.entries(of: "safetensors/good", suffix: ".json") + Fixture.entries(of: "gguf/good", suffix: ".json")
        + Fixture.entries(of: "gguf/split/good", suffix: ".json")
        + Fixture.entries(of: "huggingface/good", suffix: ".json")
    static let bad =
        Fixture.entries(of: "safetensors/bad", suffix: ".error") + Fixture.entries(of: "gguf/bad", suffix: ".error")
        + Fixture.entries(of: "gguf/split/bad", suffix: ".error")
        + Fixture.entries(of: "huggingface/bad", suffix: ".error")

    @Test func areThere() {
        #expect(Self.good.count > 100)
        #expect(Self.bad.count > 300)
    }

    @Test(arguments: good)
    func goodOpensAsItsGoldenSays(golden: String) throws {
        let expected = try SourceDump(golden: Fixture.bytes(golden))
        let source = try Checkpoint.open(Self.input(of: golden, ".json"))
        #expect(try SourceDump(source, withMetadata: expected.metadata != nil) == expected)
    }

    @Test(arguments: bad)
    func badIsRefusedForItsReason(golden: String) throws {
        let reason = try #require(JSONValue(parsing: Fixture.bytes(golden))["reason"]?.string)
        let path = Self.input(of: golden, ".error")
        let diagnosed = try #require(refusal { try Self.open(path) })
        #expect(diagnosed.category == .badData)
        #expect(!diagnosed.description.contains("\n"))
        #expect(Self.matches(Self.reasonName(of: diagnosed), reason.string), "\(diagnosed)")
    }

    /// The file, the folder, or the part of a split set that a golden is about.
    private static func input(of golden: String, _ suffix: String) -> String {
        let stem = String(golden.dropLast(suffix.count))
        if stem.hasPrefix("gguf/split/") {
            let parts = Fixture.entries(of: stem)
            return Fixture.path(parts.first ?? stem)
        }
        if stem.hasPrefix("huggingface/") { return Fixture.path(stem) }
        return Fixture.path(stem + (stem.hasPrefix("gguf/") ? ".gguf" : ".safetensors"))
    }

    /// Files go to their format's reader: what detection makes of them is another test's matter.
    private static func open(_ path: String) throws -> any TensorSource {
        if path.hasSuffix(".safetensors") { return try SafetensorsFile(path: path) }
        if path.hasSuffix(".gguf") { return try GGUFSplitSet.open(path: path) }
        return try Checkpoint.open(path)
    }

    private static func reasonName(of error: any DiagnosedError) -> String? {
        switch error {
        case let error as SafetensorsError: error.reasonName
        case let error as GGUFError: error.reasonName
        case let error as GGUFSplitError: error.reasonName
        case let error as HuggingFaceError: error.reasonName
        default: nil
        }
    }

    /// A file that ends early says of something that it is longer than the rest of the file, and which claim a reader
    /// compares first is its own affair; one whose count of keys is too small goes wrong wherever the next field does.
    private static func matches(_ found: String?, _ expected: String) -> Bool {
        let claims = ["count-too-large", "count-beyond-file", "length-beyond-file", "extent-beyond-file"]
        guard let found else { return false }
        return found == expected || expected == "malformed" || (expected == "truncated" && claims.contains(found))
    }
}
