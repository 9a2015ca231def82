import Foundation
import MMBytes
import MMTestSupport
import Testing

/// A .safetensors file by itself, with a config.json beside it and without.
@Suite struct LoneFileTests {
    private static let folder = MainJobTests.folder

    private func weights(in work: TemporaryFolder) throws -> String {
        let path = work.path("model.safetensors")
        try FileManager.default.copyItem(atPath: Self.folder + "/model.safetensors", toPath: path)
        return path
    }

    private func digests(of path: String) throws -> [JSONValue] {
        let inspected = try MMPackBinary.run(["inspect", path, "--json", "--digests"])
        #expect(inspected.status == 0, "\(inspected.talk)")
        return try #require(try inspected.json()["tensors"]?.elements)
    }

    @Test func theConfigurationBesideItIsUsed() throws {
        let work = try TemporaryFolder()
        let path = try weights(in: work)
        try FileManager.default.copyItem(atPath: Self.folder + "/config.json", toPath: work.path("config.json"))
        let fromFile = work.path("file.mmpack")
        let convert = try MMPackBinary.run(["convert", path, "-o", fromFile, "--verify", "--json"])
        #expect(convert.status == 0, "\(convert.talk)")
        let report = try convert.json()
        #expect(report["verifiable"] == true)
        #expect(report["notes"]?.elements?.count == 1)
        let fromFolder = work.path("folder.mmpack")
        #expect(try MMPackBinary.run(["quantize", "q4", Self.folder, "-o", fromFolder]).status == 0)
        #expect(try MMPackBinary.run(["quantize", "q4", path, "-o", fromFile, "--force"]).status == 0)
        #expect(try digests(of: fromFile) == digests(of: fromFolder))
    }

    @Test func aConfigurationThatDoesNotFitIsToldAndNotUsed() throws {
        let work = try TemporaryFolder()
        let path = try weights(in: work)
        let text = try String(contentsOfFile: Self.folder + "/config.json", encoding: .utf8)
        let deeper = text.replacingOccurrences(of: "\"num_hidden_layers\": 3", with: "\"num_hidden_layers\": 4")
        for (broken, reason) in [(deeper, "text.layers.3"), ("{", "offset 1")] {
            #expect(broken != text)
            _ = try work.file("config.json", Array(broken.utf8))
            let convert = try MMPackBinary.run(["convert", path, "-o", work.path("a.mmpack"), "--force"])
            #expect(convert.status == 0, "\(convert.talk)")
            #expect(convert.talk.contains("config.json was not used: "), "\(convert.talk)")
            #expect(convert.talk.contains(reason), "\(convert.talk)")
        }
    }

    @Test(arguments: ["q8", "q5", "q4", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0"])
    func withoutOneItsNamesTellWhatIsQuantized(recipe: String) throws {
        let work = try TemporaryFolder()
        let path = try weights(in: work)
        let bundle = work.path("lone.mmpack")
        let quantize = try MMPackBinary.run(["quantize", recipe, path, "-o", bundle, "--verify", "--json"])
        #expect(quantize.status == 0, "\(quantize.talk)")
        let report = try quantize.json()
        let notes = report["notes"]?.elements?.compactMap(\.string?.string) ?? []
        #expect(notes.contains { $0.contains("for 29 of 29 tensors") }, "\(notes)")
        let stages = try #require(report["verification"]?["stages"]?.elements)
        #expect(stages.map { $0["verdict"] } == ["passed", "passed", "passed", "not run"])
        #expect(stages[2]["figures"]?["reproduced"] == 29)
        // The same blocks as from the folder, whose configuration names the architecture.
        let known = work.path("known.mmpack")
        #expect(try MMPackBinary.run(["quantize", recipe, Self.folder, "-o", known]).status == 0)
        let lone = Set(try digests(of: bundle).compactMap { $0["sha256"] })
        #expect(lone == Set(try digests(of: known).compactMap { $0["sha256"] }))
    }
}
