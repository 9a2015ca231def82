import MMArchitectures
import MMReference
import MMTensors
import MMTestSupport
import Testing

/// Against transformers, f32: fixtures/oracles/make_llama.py.
@Suite struct GoldenLogitsTests {
    static let gate = 5e-5

    @Test(arguments: Oracle.all)
    func everyActivationAgreesWithTransformers(oracle: Oracle) throws {
        let golden = try oracle.golden()
        let decoder = try oracle.decoder()
        let ids = golden.integers("input_ids").map { UInt32($0) }
        let length = try #require(golden["input_ids"]?.descriptor.shape.columnCount)
        #expect(!ids.isEmpty)
        for sequence in 0..<ids.count / length {
            let found = try Evaluation(decoder, Array(ids[sequence * length..<(sequence + 1) * length]))
            func expected(_ name: String) -> [Float] {
                let all = golden.floats(name)
                let count = all.count / (ids.count / length)
                return Array(all[sequence * count..<(sequence + 1) * count])
            }
            let layers = (0..<oracle.configuration.layerCount).map { (DecoderActivation.layer($0), "layer.\($0)") }
            for (activation, name) in [(.embedding, "embedding"), (.finalNorm, "final_norm")] + layers {
                let error = relativeError(found.activations[activation] ?? [], expected(name))
                // transformers gives what the final norm was given as the last layer's state.
                #expect(error <= Self.gate, "\(name) of sequence \(sequence)")
            }
            let logits = expected("logits")
            #expect(relativeError(found.logits, logits) <= Self.gate)
            #expect(
                likeliest(found.logits, vocabularyCount: 320) == likeliest(logits, vocabularyCount: 320)
            )
        }
    }

    @Test(arguments: Oracle.all)
    func batchSizesAndSingleTokensAgree(oracle: Oracle) throws {
        let decoder = try oracle.decoder()
        let tokens = SeededTokens.ids(count: 70, vocabularyCount: 320, seed: 3)
        let whole = try Evaluation(decoder, tokens, batch: 70)
        for batch in [1, 7, 32, 33] {
            let parts = try Evaluation(decoder, tokens, batch: batch)
            #expect(relativeError(parts.logits, whole.logits) <= 1e-5)
            #expect(
                likeliest(parts.logits, vocabularyCount: 320) == likeliest(whole.logits, vocabularyCount: 320)
            )
        }
    }

    @Test func threadsDoNotChangeABit() throws {
        let tokens = SeededTokens.ids(count: 50, vocabularyCount: 320, seed: 4)
        let alone = try Evaluation(Oracle.untied.decoder(threadCount: 1), tokens, batch: 40)
        for threadCount in [2, 3, 5] {
            let together = try Evaluation(Oracle.untied.decoder(threadCount: threadCount), tokens, batch: 40)
            #expect(together.logits.map(\.bitPattern) == alone.logits.map(\.bitPattern))
        }
    }
}
