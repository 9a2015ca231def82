import Foundation
import MMArchitectures
import MMBytes
import MMTensors
import MMTestSupport
import Testing

/// Every kind of rotary scaling against transformers, from the configuration to the frequencies:
/// fixtures/reference/make_rotary.py.
@Suite struct RotaryGoldenTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let json: JSONValue
        var testDescription: String { json["name"]?.string?.string ?? "" }

        func rope(_ change: (JSONValue) -> JSONValue = { $0 }) throws -> RotaryEmbedding {
            let llama = TinyLlama(headWidth: 32)
            var source = try llama.huggingFace()
            let parameters = change(try #require(json["parameters"]))
            source.configuration = .huggingFace(
                llama.huggingFaceConfiguration.with("rope_parameters", parameters.with("rope_theta", json["theta"]))
                    .with("rope_theta", nil).with("max_position_embeddings", json["context"])
            )
            return try #require(try MappedSource.resolve(source).model.decoder).rope
        }

        /// The largest relative departure of a frequency or of the attention factor.
        func error(_ rope: RotaryEmbedding) throws -> Double {
            let expected = try #require(json["frequencies"]?.elements).compactMap(\.double)
            let factor = try #require(json["attention_factor"]?.double)
            let divisors = rope.frequencyDivisors(sequenceLength: try #require(json["length"]?.integer))
            guard expected.count == divisors.count else { return .infinity }
            var worst = abs(rope.attentionFactor - factor) / factor
            for (index, divisor) in divisors.enumerated() {
                let found = pow(rope.theta, -2 * Double(index) / Double(rope.width)) / divisor
                worst = max(worst, abs(found - expected[index]) / expected[index])
            }
            return worst
        }
    }

    static let cases: [Case] =
        ((try? JSONValue(parsing: Fixture.bytes("reference/rotary.json")))?["cases"]?.elements ?? [])
        .map { Case(json: $0) }

    /// transformers computes them in f32.
    private static let gate = 1e-6

    @Test(arguments: cases) func frequenciesAreThoseOfTransformers(golden: Case) throws {
        #expect(Self.cases.count == 10)
        #expect(try golden.error(golden.rope()) <= Self.gate)
    }

    static let mistakes: [(String, String, JSONValue)] = [
        ("linear", "factor", 4.0), ("llama3", "factor", 4.0), ("llama3", "low_freq_factor", 2.0),
        ("llama3", "high_freq_factor", 3.0), ("llama3", "original_max_position_embeddings", 128),
        ("yarn", "factor", 8.0), ("yarn", "original_max_position_embeddings", 32), ("yarn", "beta_fast", 2.0),
        ("yarn", "beta_slow", 4.0), ("yarn", "truncate", false), ("yarn-not-truncated", "truncate", true),
        ("yarn-betas", "beta_fast", 3.0), ("yarn-betas", "beta_slow", 1.0),
        ("yarn-attention-factor", "attention_factor", 1.0), ("yarn", "rope_type", "linear"),
        ("longrope-short", "original_max_position_embeddings", 8), ("longrope-long", "attention_factor", 1.0),
        ("dynamic-beyond", "factor", 4.0), ("dynamic-beyond", "rope_type", "linear"),
    ]

    @Test(arguments: mistakes) func everyMistakeShows(name: String, key: String, value: JSONValue) throws {
        let golden = try #require(Self.cases.first { $0.testDescription == name })
        #expect(try golden.error(golden.rope { $0.with(key, value) }) > 1e-3)
    }
}
