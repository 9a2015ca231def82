import Foundation
import MMBytes
import MMTestSupport
import Testing

/// convert, quantize, verify, run and export through the built executable.
@Suite struct MainJobTests {
    static let folder = Fixture.path("oracles/llama-tied")
    static let sharded = Fixture.path("oracles/llama-untied-sharded")
    static let gguf = Fixture.path("oracles/gguf/llama-tied-f32.gguf")
    static let split = Fixture.path("oracles/gguf/llama-untied-sharded-bf16-00001-of-00003.gguf")

    @Test(arguments: [folder, sharded, gguf, split, Fixture.path("oracles/gguf/llama-tied-q4_0.gguf")])
    func convertsWithoutLoss(source: String) throws {
        let work = try TemporaryFolder()
        let bundle = work.path("out.mmpack")
        let convert = try MMPackBinary.run(["convert", source, "-o", bundle, "--verify", "--json"])
        #expect(convert.status == 0, "\(convert.talk)")
        try expectConforming(try convert.json(), to: "write")
        let verify = try MMPackBinary.run(["verify", bundle, "--against", source, "--json"])
        #expect(verify.status == 0, "\(verify.talk)")
        let report = try verify.json()
        try expectConforming(report, to: "verify")
        #expect(report["passed"] == true)
        let behaviour = try #require(report["stages"]?.elements?.last)
        #expect(behaviour["verdict"] == "passed")
        #expect(behaviour["figures"]?["bit_equal"] == behaviour["figures"]?["positions"])
        #expect(work.entries == ["out.mmpack"])
    }

    @Test(arguments: ["smolvlm", "qwen2.5-vl"])
    func aTextFileAndItsProjectorMakeOneBundle(name: String) throws {
        let work = try TemporaryFolder()
        let bundle = work.path("out.mmpack")
        let text = Fixture.path("oracles/gguf/\(name).gguf")
        let projector = Fixture.path("oracles/gguf/\(name).mmproj.gguf")
        let convert = try MMPackBinary.run(["convert", text, "--mmproj", projector, "-o", bundle, "--verify", "--json"])
        #expect(convert.status == 0, "\(convert.talk)")
        let verify = try MMPackBinary.run(["verify", bundle, "--against", text, "--mmproj", projector, "--json"])
        #expect(verify.status == 0, "\(verify.talk)")
        #expect(try verify.json()["passed"] == true)
        #expect(try MMPackBinary.run(["verify", bundle, "--against", text]).status == 1)
        #expect(try MMPackBinary.run(["verify", bundle, "--mmproj", projector]).status == 64)
    }

    @Test func filesOfTwoModelsAreRefused() throws {
        let work = try TemporaryFolder()
        let projector = Fixture.path("oracles/gguf/gemma3-vlm.mmproj.gguf")
        let text = Fixture.path("oracles/gguf/qwen2.gguf")
        let convert = try MMPackBinary.run(["convert", text, "--mmproj", projector, "-o", work.path("out.mmpack")])
        #expect(convert.status == 65)
        for part in [text, projector, "tiny qwen2", "tiny gemma3-vlm"] { #expect(convert.talk.contains(part)) }
        #expect(work.entries.isEmpty)
    }

    /// The same model from Hugging Face and from GGUF (permuted queries and keys) makes the same tensors.
    @Test func agreesOnTheModelAcrossFormats() throws {
        let work = try TemporaryFolder()
        var digests: [[JSONValue]] = []
        for (number, source) in [Self.folder, Self.gguf].enumerated() {
            let bundle = work.path("\(number).mmpack")
            #expect(try MMPackBinary.run(["convert", source, "-o", bundle]).status == 0)
            let inspected = try MMPackBinary.run(["inspect", bundle, "--json", "--digests"]).json()
            digests.append(try #require(inspected["tensors"]?.elements))
        }
        #expect(digests[0] == digests[1])
    }

    @Test(arguments: ["q8", "q5", "q4", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0"])
    func quantizesInOneStep(recipe: String) throws {
        let work = try TemporaryFolder()
        let bundle = work.path("out.mmpack")
        let quantize = try MMPackBinary.run(["quantize", recipe, Self.sharded, "-o", bundle, "--json"])
        #expect(quantize.status == 0, "\(quantize.talk)")
        try expectConforming(try quantize.json(), to: "write")
        // A random model loses more than a trained one: the limits that count are tested on SmolLM2.
        let verify = try MMPackBinary.run([
            "verify", bundle, "--against", Self.sharded, "--max-kl", "2", "--min-top1", "0.1", "--max-departure", "2",
            "--json",
        ])
        #expect(verify.status == 0, "\(verify.text)")
        let report = try verify.json()
        try expectConforming(report, to: "verify")
        let tensors = try #require(report["stages"]?.elements?[2])
        #expect(tensors["figures"]?["reproduced"] == tensors["figures"]?["compared"])
    }

    @Test func writesTheSameBytesWhateverTheThreads() throws {
        let work = try TemporaryFolder()
        for recipe in [["convert"], ["quantize", "q4"]] {
            var bundles: [Data] = []
            for threads in ["1", "2", "7"] {
                let path = work.path("\(recipe.joined())-\(threads).mmpack")
                let outcome = try MMPackBinary.run(
                    recipe + [Self.sharded, "-o", path, "--threads", threads],
                    environment: threads == "7" ? ["LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Tokyo"] : [:]
                )
                #expect(outcome.status == 0, "\(outcome.talk)")
                bundles.append(try Data(contentsOf: URL(fileURLWithPath: path)))
            }
            #expect(Set(bundles).count == 1)
        }
    }

    @Test func requantizingSaysSo() throws {
        let work = try TemporaryFolder()
        let source = Fixture.path("oracles/gguf/llama-tied-q8_0.gguf")
        let outcome = try MMPackBinary.run(["quantize", "q4_0", source, "-o", work.path("out.mmpack"), "--json"])
        #expect(outcome.status == 0, "\(outcome.talk)")
        let report = try outcome.json()
        #expect((report["quantization"]?["counts"]?["requantized"]?.integer ?? 0) > 0)
        #expect(report["notes"]?.elements?.contains { $0.string?.string.contains("requantized") == true } == true)
    }

    @Test func aBundleIsASourceToo() throws {
        let work = try TemporaryFolder()
        let first = work.path("first.mmpack")
        let second = work.path("second.mmpack")
        #expect(try MMPackBinary.run(["convert", Self.sharded, "-o", first]).status == 0)
        #expect(try MMPackBinary.run(["convert", first, "-o", second, "--profile", "raw", "--verify"]).status == 0)
        #expect(try MMPackBinary.run(["verify", second, "--against", Self.sharded]).status == 0)
        let quantized = work.path("q.mmpack")
        let direct = work.path("direct.mmpack")
        #expect(try MMPackBinary.run(["quantize", "q4_0", first, "-o", quantized]).status == 0)
        #expect(try MMPackBinary.run(["quantize", "q4_0", Self.sharded, "-o", direct]).status == 0)
        let tensors = try [quantized, direct].map {
            try MMPackBinary.run(["inspect", $0, "--json", "--digests"]).json()["tensors"]
        }
        #expect(tensors[0] == tensors[1])
    }

    @Test func splitsIntoParts() throws {
        let work = try TemporaryFolder()
        let outcome = try MMPackBinary.run([
            "convert", Self.sharded, "-o", work.path("out.mmpack"), "--shard-size", "80kB", "--verify", "--json",
        ])
        #expect(outcome.status == 0, "\(outcome.talk)")
        #expect(work.entries.count > 2)
        #expect(work.entries.allSatisfy { $0.hasPrefix("out-0000") && $0.hasSuffix(".mmpack") })
        let verify = try MMPackBinary.run(["verify", work.path(work.entries[1]), "--against", Self.sharded])
        #expect(verify.status == 0, "\(verify.talk)")
        try FileManager.default.removeItem(atPath: work.path(work.entries[1]))
        #expect(try MMPackBinary.run(["verify", work.path(work.entries[0])]).status != 0)
    }

    @Test func exportGivesEveryTensorBack() throws {
        let work = try TemporaryFolder()
        let bundle = work.path("out.mmpack")
        #expect(try MMPackBinary.run(["convert", Self.sharded, "-o", bundle]).status == 0)
        let export = try MMPackBinary.run(["export", "safetensors", bundle, "-o", work.path("back"), "--json"])
        #expect(export.status == 0, "\(export.talk)")
        try expectConforming(try export.json(), to: "export")
        let sides = try [Self.sharded, work.path("back")].map { path in
            try #require(try MMPackBinary.run(["inspect", path, "--json", "--digests"]).json()["tensors"]?.elements)
        }
        #expect(Set(sides[0]) == Set(sides[1]))
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: work.path("back/config.json")))
                == Data(contentsOf: URL(fileURLWithPath: Self.sharded + "/config.json"))
        )
    }

    @Test func exportOfBlocksNeedsADtype() throws {
        let work = try TemporaryFolder()
        let bundle = work.path("out.mmpack")
        #expect(try MMPackBinary.run(["quantize", "q4_0", Self.sharded, "-o", bundle]).status == 0)
        let same = try MMPackBinary.run(["export", "safetensors", bundle, "-o", work.path("same")])
        #expect(same.status == 64)
        #expect(same.talk.contains("Q4_0") && same.talk.contains("--dtype"))
        let cast = try MMPackBinary.run(["export", "safetensors", bundle, "-o", work.path("cast"), "--dtype", "f16"])
        #expect(cast.status == 0, "\(cast.talk)")
        #expect(try MMPackBinary.run(["inspect", work.path("cast")]).status == 0)
    }

    @Test(arguments: [folder, sharded, gguf, split]) func inspectKeepsToItsSchema(source: String) throws {
        let plain = try MMPackBinary.run(["inspect", source, "--json"])
        #expect(plain.status == 0, "\(plain.talk)")
        try expectConforming(try plain.json(), to: "inspect")
        try expectConforming(try MMPackBinary.run(["inspect", source, "--json", "--digests"]).json(), to: "inspect")
        let people = try MMPackBinary.run(["inspect", source])
        #expect(people.text.contains("architecture llama"))
    }

    @Test func inspectListsTheArchitectures() throws {
        let list = try MMPackBinary.run(["inspect", "--architectures", "--json"])
        #expect(list.status == 0, "\(list.talk)")
        try expectConforming(try list.json(), to: "architectures")
        let people = try MMPackBinary.run(["inspect", "--architectures"])
        #expect(people.text.contains("qwen2.5-vl-vision") && people.text.contains("gemma3_text"))
        #expect(try MMPackBinary.run(["inspect", "--architectures", Self.folder]).status == 64)
        #expect(try MMPackBinary.run(["inspect"]).status == 64)
    }

    /// Of the architectures that bear the name, and of those that do not.
    @Test func inspectSaysWhyNoOtherArchitectureMatches() throws {
        let people = try MMPackBinary.run(["inspect", Fixture.path("oracles/gguf/llama-tied-f32.gguf")])
        #expect(people.text.contains("architecture llama"))
        #expect(people.text.contains("not mixtral: its feed-forward layers are dense"))
        #expect(people.text.contains("its general.architecture is \"llama\""))
    }

    @Test func verifyTakesATextAndANumberOfTokens() throws {
        let work = try TemporaryFolder()
        let bundle = work.path("out.mmpack")
        #expect(try MMPackBinary.run(["convert", Self.folder, "-o", bundle]).status == 0)
        let text = try work.file("text.txt", Array("the cat sat on the mat and looked at the sea".utf8))
        let outcome = try MMPackBinary.run([
            "verify", bundle, "--against", Self.folder, "--text", text, "--tokens", "7", "--json",
        ])
        #expect(outcome.status == 0, "\(outcome.talk)")
        let figures = try #require(try outcome.json()["stages"]?.elements?.last?["figures"])
        #expect(figures["positions"] == 7)
        #expect(figures["text"] == "the given text")
    }

    @Test func withoutASourceTheBundleStandsAlone() throws {
        let work = try TemporaryFolder()
        let bundle = work.path("out.mmpack")
        #expect(try MMPackBinary.run(["quantize", "q8", Self.folder, "-o", bundle]).status == 0)
        let outcome = try MMPackBinary.run(["verify", bundle, "--json"])
        #expect(outcome.status == 0, "\(outcome.talk)")
        let report = try outcome.json()
        try expectConforming(report, to: "verify")
        #expect(report["stages"]?.elements?.last?["figures"]?["perplexity_bundle"]?.double ?? 0 > 1)
        #expect(try MMPackBinary.run(["verify", bundle, "--max-kl", "1"]).status == 1)
    }

    @Test func filesThatDoNotTravelAreNamed() throws {
        let work = try TemporaryFolder()
        for entry in try FileManager.default.contentsOfDirectory(atPath: Self.folder) {
            try FileManager.default.copyItem(atPath: "\(Self.folder)/\(entry)", toPath: work.path(entry))
        }
        _ = try work.file("training_args.bin", [1, 2, 3])
        let outcome = try MMPackBinary.run(["convert", work.path, "-o", work.path("out.mmpack")])
        #expect(outcome.status == 0)
        #expect(outcome.talk.contains("training_args.bin"))
    }

    @Test func runContinuesAPromptTheSameWayEachTime() throws {
        let arguments = [
            "run", Self.folder, "--prompt", "the", "--max-tokens", "12", "--temperature", "0.9", "--seed", "5",
        ]
        let first = try MMPackBinary.run(arguments)
        #expect(first.status == 0, "\(first.talk)")
        #expect(!first.output.isEmpty)
        #expect(try MMPackBinary.run(arguments + ["--threads", "1"]).output == first.output)
    }

    @Test func aDamagedBundleFailsVerification() throws {
        let work = try TemporaryFolder()
        let bundle = work.path("out.mmpack")
        #expect(try MMPackBinary.run(["convert", Self.folder, "-o", bundle]).status == 0)
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: bundle)))
        bytes[20_000] ^= 1
        let damaged = try work.file("damaged.mmpack", bytes)
        let outcome = try MMPackBinary.run(["verify", damaged, "--json"])
        #expect(outcome.status == 1 || outcome.status == 65)
    }

    @Test func aLimitThatIsExceededLeavesNothingBehind() throws {
        let work = try TemporaryFolder()
        let bundle = work.path("out.mmpack")
        #expect(try MMPackBinary.run(["quantize", "q4_0", Self.sharded, "-o", bundle]).status == 0)
        let outcome = try MMPackBinary.run([
            "verify", bundle, "--against", Self.sharded, "--max-kl", "0", "--report", work.path("report.json"),
        ])
        #expect(outcome.status == 1)
        let report = try JSONValue(parsing: [UInt8](Data(contentsOf: URL(fileURLWithPath: work.path("report.json")))))
        try expectConforming(report, to: "verify")
        #expect(report["passed"] == false)
    }

    /// The random model loses more than the recipe's limits allow, so the build step fails and leaves nothing.
    @Test func aRejectedOutputDoesNotAppear() throws {
        let work = try TemporaryFolder()
        let arguments = ["quantize", "q4_0", Self.sharded, "-o", work.path("out.mmpack"), "--verify"]
        let outcome = try MMPackBinary.run(arguments)
        #expect(outcome.status == 1)
        #expect(outcome.talk.contains("was not written"))
        #expect(work.entries.isEmpty)
        try expectConforming(try MMPackBinary.run(arguments + ["--json"]).json(), to: "verify")
        _ = try work.file("out.mmpack", Array("old".utf8))
        #expect(try MMPackBinary.run(arguments + ["--force"]).status == 1)
        #expect(try Data(contentsOf: URL(fileURLWithPath: work.path("out.mmpack"))) == Data("old".utf8))
        #expect(work.entries == ["out.mmpack"])
    }

    private func expectConforming(_ document: JSONValue, to schema: String) throws {
        let bytes = [UInt8](
            try Data(contentsOf: Fixture.repository.appendingPathComponent("formats/schemas/\(schema).json"))
        )
        #expect(JSONSchema(try JSONValue(parsing: bytes)).violations(document) == [])
    }
}
