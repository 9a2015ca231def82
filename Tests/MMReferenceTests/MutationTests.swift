import MMArchitectures
import MMReference
import MMStorage
import MMTensors
import MMTestSupport
import Testing

/// A mistake in a knob or in the order of weights must show: a gate that it passes under proves nothing.
@Suite struct MutationTests {
    struct Mutation: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let oracle: Oracle
        var configuration: @Sendable (inout DecoderConfiguration) -> Void = { _ in }
        var weights: @Sendable (inout MemorySource) -> Void = { _ in }
    }

    static let mutations = [
        Mutation(testDescription: "theta doubled", oracle: .tied) { $0.rope.theta *= 2 },
        Mutation(testDescription: "eps times ten", oracle: .tied) { $0.normEpsilon *= 10 },
        Mutation(testDescription: "eps times ten, default weights", oracle: .tiedDefault) { $0.normEpsilon *= 10 },
        Mutation(testDescription: "norm offset of 1", oracle: .tied) { $0.normOffset = 1 },
        Mutation(testDescription: "attention not scaled", oracle: .tied) { $0.attentionScale = 1 },
        Mutation(testDescription: "half the head turns", oracle: .tied) { $0.rope.width /= 2 },
        Mutation(testDescription: "neighbours paired", oracle: .tied) { $0.rope.pairing = .interleaved },
        Mutation(testDescription: "rope scaling dropped", oracle: .untied) { $0.rope.scaling = .none },
        Mutation(testDescription: "linear for llama3", oracle: .untied) { $0.rope.scaling = .linear(factor: 8) },
        Mutation(testDescription: "head tied", oracle: .untied) { $0.isTied = true },
        Mutation(testDescription: "q, k, v biases dropped", oracle: .biased) { $0.hasQKVBias = false },
        Mutation(testDescription: "o bias dropped", oracle: .biased) { $0.hasOutputBias = false },
        Mutation(testDescription: "mlp biases dropped", oracle: .biased) { $0.hasMLPBias = false },
        Mutation(
            testDescription: "q and k in GGUF order",
            oracle: .tied,
            weights: {
                $0.reorderRows(of: ["q", "k"], headWidth: 16) { head, row in head * 16 + row % 2 * 8 + row / 2 }
            }
        ),
        Mutation(
            testDescription: "q in GGUF order in one layer",
            oracle: .tied,
            weights: {
                $0.reorderRows(of: ["q"], headWidth: 16, layers: 1..<2) { head, row in head * 16 + row % 2 * 8 + row / 2
                }
            }
        ),
        Mutation(
            testDescription: "heads grouped j % k",
            oracle: .tied,
            // Query heads 1 and 2 change places: what head j / 2 and head j % 2 differ in.
            weights: { $0.reorderRows(of: ["q"], headWidth: 16) { head, row in [0, 2, 1, 3][head] * 16 + row } }
        ),
    ]

    /// GGUF's llama order of rows is the one for which neighbours are paired.
    @Test func rowsInGGUFOrderWithNeighboursPairedAreTheSameModel() throws {
        var configuration = Oracle.tied.configuration
        configuration.rope.pairing = .interleaved
        var source = try Oracle.tied.source()
        source.reorderRows(of: ["q", "k"], headWidth: 16) { head, row in head * 16 + row % 2 * 8 + row / 2 }
        let decoder = try ReferenceDecoder(
            source: source,
            configuration: configuration,
            team: ThreadTeam(threadCount: 1)
        )
        let golden = try Oracle.tied.golden()
        let ids = golden.integers("input_ids").prefix(48).map { UInt32($0) }
        let expected = Array(golden.floats("logits").prefix(48 * 320))
        #expect(relativeError(try Evaluation(decoder, ids).logits, expected) <= GoldenLogitsTests.gate)
    }

    @Test(arguments: mutations)
    func everyMistakeShows(mutation: Mutation) throws {
        var configuration = mutation.oracle.configuration
        var source = try mutation.oracle.source()
        mutation.configuration(&configuration)
        mutation.weights(&source)
        let wrong = try ReferenceDecoder(
            source: source,
            configuration: configuration,
            team: ThreadTeam(threadCount: 1)
        )
        let golden = try mutation.oracle.golden()
        let ids = golden.integers("input_ids").prefix(48).map { UInt32($0) }
        let expected = Array(golden.floats("logits").prefix(48 * 320))
        let error = relativeError(try Evaluation(wrong, ids).logits, expected)
        #expect(error > 4 * GoldenLogitsTests.gate)
    }
}

extension MemorySource {
    /// Replaces row r of the matrices by the row that `origin` gives, head and row in it.
    mutating func reorderRows(
        of names: [String],
        headWidth: Int,
        layers: Range<Int> = 0..<3,
        origin: (_ head: Int, _ row: Int) -> Int
    ) {
        for layer in layers {
            for name in names {
                let name = "text.layers.\(layer).attn.\(name).weight"
                guard var entry = self[name] else { continue }
                let rowByteCount = entry.descriptor.rowByteCount
                entry.bytes = (0..<entry.descriptor.rowCount).flatMap { row in
                    let source = origin(row / headWidth, row % headWidth) * rowByteCount
                    return entry.bytes[source..<source + rowByteCount]
                }
                self[name] = entry
            }
        }
    }
}
