import Foundation
import MMBytes
import MMTestSupport
import MMToolchain
import Testing

/// The model that is part of the program.
@Suite struct SelfTestTests {
    @Test func theProgramProvesItself() throws {
        let folder = try TemporaryFolder()
        let report = try SelfTestJob(folder: folder.path("self"), width: 2, probeCount: 64).run { _ in }
        #expect(report.isPassed, "\(report.steps.flatMap(\.report.stages).flatMap(\.failures)) \(report.answers)")
        #expect(report.steps.map(\.recipe) == ["lossless", "q4"])
        #expect(report.answers.count == 4)
        #expect(folder.entries == [])
        let path = Fixture.repository.appendingPathComponent("formats/schemas/self-test.json")
        let schema = JSONSchema(try JSONValue(parsing: Array(try Data(contentsOf: path))))
        #expect(schema.violations(report.json) == [])
        let verify = Fixture.repository.appendingPathComponent("formats/schemas/verify.json")
        let inner = JSONSchema(try JSONValue(parsing: Array(try Data(contentsOf: verify))))
        for step in report.steps { #expect(inner.violations(step.report.json) == []) }
    }

    /// What is there is neither used nor removed.
    @Test func aFolderThatIsThereIsRefused() throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("kept", [1])
        #expect(throws: (any Error).self) { try SelfTestJob(folder: folder.path, width: 1).run { _ in } }
        #expect(folder.entries == ["kept"])
    }
}
