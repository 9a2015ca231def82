import MMBytes
import MMTensors
import MMTestSupport
import MMToolchain
import Testing

/// inspect against the dumps that the fixtures' makers wrote with other implementations.
@Suite struct InspectJobTests {
    static let files = ["safetensors/good", "gguf/good"].flatMap { folder in
        Fixture.entries(of: folder).filter { !$0.hasSuffix(".json") }
    }

    @Test(arguments: files) func showsWhatAnotherImplementationShows(file: String) throws {
        let stem = String(file.prefix { $0 != "." })
        let golden = try JSONValue(parsing: try Fixture.bytes("\(stem).json"))
        let job = InspectJob(path: Fixture.path(file), withDigests: true, tensorName: nil, width: 2)
        let report = try job.run { _ in }
        #expect(report.json["format"] == golden["format"])
        #expect(report.json["tensors"] == golden["tensors"])
        if let metadata = golden["metadata"] { #expect(report.json["metadata"] == metadata) }
    }

    @Test func thereAreFilesToInspect() {
        #expect(Self.files.count > 80)
    }

    @Test func oneTensorComesWithItsStatistics() throws {
        let job = InspectJob(
            path: Fixture.path("oracles/llama-tied"),
            withDigests: false,
            tensorName: "model.norm.weight",
            width: 1
        )
        let report = try job.run { _ in }
        #expect(report.rows.count == 1)
        let statistics = try #require(report.statistics)
        #expect(statistics.nonFiniteCount == 0)
        // The fixture draws norm weights as 1 + 0.2 n.
        #expect(abs(statistics.mean - 1) < 0.2)
        #expect(statistics.first.count == 8)
    }
}
