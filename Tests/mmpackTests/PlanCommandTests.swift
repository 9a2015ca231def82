import MMBytes
import MMTestSupport
import Testing

@Suite struct PlanCommandTests {
    @Test func aPresetIsPlannedForPeopleAndAsJSON() throws {
        let outcome = try MMPackBinary.run(["plan", "--preset", "mm1-3b", "--recipe", "q4_0"])
        #expect(outcome.status == 0)
        #expect(outcome.talk.isEmpty)
        for text in ["631.4M", "27.65M", "1.63 GB", "1.26 GB", "assumed: text_config: ", "720", "iphone-8gb"] {
            #expect(outcome.text.contains(text), "\(text)")
        }
        let json = try MMPackBinary.run(["plan", "--preset", "mm1-3b", "--json"]).json()
        #expect(json["subject"] == "mm1-3b")
    }

    @Test func aCheckpointIsPlannedFromItsHeader() throws {
        let outcome = try MMPackBinary.run(["plan", Fixture.path("oracles/gguf/llama-tied-q4_0.gguf")])
        #expect(outcome.status == 0)
        #expect(outcome.text.contains("decoder"))
    }

    @Test(
        arguments: [
            ([], 64), (["--preset", "mm1-3b", "model/"], 64), (["--preset", "mm2"], 64),
            (["--preset", "mm1-3b", "--device", "toaster"], 64), (["--preset", "mm1-3b", "--recipe", "q9"], 64),
            (["--preset", "mm1-3b", "--context", "0"], 64), (["no-such-model/"], 66),
        ] as [([String], Int32)]
    )
    func mistakesHaveTheirExitCodes(arguments: [String], status: Int32) throws {
        let outcome = try MMPackBinary.run(["plan"] + arguments)
        #expect(outcome.status == status)
        #expect(outcome.output.isEmpty)
    }

    @Test func helpTeaches() throws {
        let outcome = try MMPackBinary.run(["plan", "--help"])
        for text in ["EXAMPLE", "--preset", "mm1-7b-moe", "config.json", "assumed", "--device"] {
            #expect(outcome.text.contains(text), "\(text)")
        }
    }
}
