import MMArchitectures
import MMReference
import MMTensors
import MMTestSupport
import Testing

/// Every text family against transformers, f32: from the folder to the logits.
@Suite struct FamilyTests {
    @Test func everyTextFamilyHasAnOracleOfBothKindsOfWeights() {
        let names = Set(FamilyOracle.text.map(\.name))
        for family in [
            "llama3-rope", "mistral", "mixtral", "qwen2", "qwen2-moe", "qwen3", "qwen3-moe", "gemma", "gemma2",
            "gemma3",
            "smollm3", "phi3", "olmo2",
        ] {
            #expect(names.contains(family) && names.contains("\(family)-default"), "\(family)")
        }
    }

    @Test(arguments: FamilyOracle.text)
    func everyActivationAgreesWithTransformers(oracle: FamilyOracle) throws {
        let golden = try oracle.golden()
        let sequences = try oracle.sequences()
        for isStreaming in [false, true] {
            let decoder = try oracle.decoder(isStreaming: isStreaming)
            let vocabularyCount = decoder.configuration.vocabularyCount
            for (index, tokens) in sequences.enumerated() {
                let found = try Evaluation(decoder, tokens)
                let layers = (0..<decoder.configuration.layerCount).map { (DecoderActivation.layer($0), "layer.\($0)") }
                for (activation, name) in layers + [
                    (.embedding, "embedding"), (.finalNorm, "final_norm"), (.logits, "logits"),
                ] {
                    // The second set of weights has no activations, to keep the files small.
                    guard golden[name] != nil || activation == .logits else { continue }
                    let all = golden.floats(name)
                    let count = all.count / sequences.count
                    let expected = Array(all[index * count..<(index + 1) * count])
                    let error = relativeError(found.activations[activation] ?? [], expected)
                    #expect(error <= GoldenLogitsTests.gate, "\(name) of sequence \(index)")
                    guard activation == .logits else { continue }
                    #expect(
                        likeliest(found.logits, vocabularyCount: vocabularyCount)
                            == likeliest(expected, vocabularyCount: vocabularyCount)
                    )
                }
            }
        }
    }

    @Test(arguments: FamilyOracle.text.filter { !$0.name.hasSuffix("-default") })
    func batchSizesAgree(oracle: FamilyOracle) throws {
        let decoder = try oracle.decoder()
        let tokens = try #require(try oracle.sequences().first)
        let whole = try Evaluation(decoder, tokens)
        for batch in [1, 5, 8] {
            #expect(try relativeError(Evaluation(decoder, tokens, batch: batch).logits, whole.logits) <= 1e-5)
        }
    }
}
