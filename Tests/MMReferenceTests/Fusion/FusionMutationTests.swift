import MMArchitectures
import MMReference
import MMTestSupport
import Testing

/// A mistake in a connector, or in what only decoders with pictures have, must show in the logits.
@Suite struct FusionMutationTests {
    struct Mutation<Configuration>: Sendable, CustomTestStringConvertible {
        let family: String
        let what: String
        let change: @Sendable (inout Configuration) -> Void
        var testDescription: String { "\(family): \(what)" }

        init(_ family: String, _ what: String, _ change: @escaping @Sendable (inout Configuration) -> Void) {
            self.family = family
            self.what = what
            self.change = change
        }
    }

    static let decoders: [Mutation<DecoderConfiguration>] = [
        Mutation("qwen2-vl", "one axis") { $0.rope.axes = nil },
        Mutation("qwen2-vl", "axes by turns") { $0.rope.axes?.order = .interleaved },
        Mutation("qwen2-vl", "rows and columns exchanged") { $0.rope.axes?.sections.reverse() },
        Mutation("qwen3-vl", "axes one after the other") { $0.rope.axes?.order = .chunked },
    ]

    static let connectors: [Mutation<ConnectorConfiguration>] = [
        Mutation("llava-1.5", "the layer behind") { $0.selectNext() },
        Mutation("llava-1.5", "gelu by tanh") { $0.activate(.geluTanh) },
        Mutation("llava-1.5", "biases dropped") { $0.dropBiases() },
        Mutation("llava-next", "the layer behind") { $0.selectNext() },
        Mutation("gemma3-vlm", "norm without the 1") { $0.changeNorm { _, _, offset in offset = 0 } },
        Mutation("gemma3-vlm", "matrix not transposed") {
            $0.change {
                guard case .linear(let weights, let width, let hasBias, _) = $0 else { return }
                $0 = .linear(weights: weights, outputWidth: width, hasBias: hasBias)
            }
        },
        Mutation("internvl", "gelu by tanh") { $0.activate(.geluTanh) },
        Mutation("internvl", "quick gelu") { $0.activate(.quickGelu) },
        Mutation("internvl", "norm's epsilon") { $0.changeNorm { _, epsilon, _ in epsilon *= 1000 } },
        Mutation("internvl", "biases dropped") { $0.dropBiases() },
        Mutation("qwen2-vl", "silu") { $0.activate(.silu) },
        Mutation("qwen2-vl", "biases dropped") { $0.dropBiases() },
        Mutation("qwen2.5-vl", "norm's epsilon") { $0.changeNorm { _, epsilon, _ in epsilon *= 1000 } },
        Mutation("qwen3-vl", "deep stack dropped") { $0.deepStack = [] },
        Mutation("qwen3-vl", "deep stack in the other order") { $0.deepStack.reverse() },
        Mutation("paligemma", "bias dropped") { $0.dropBiases() },
    ]

    /// What contradicts the shapes of weights or of pictures.
    static let refused: [Mutation<ConnectorConfiguration>] = [
        Mutation("gemma3-vlm", "layer norm") { $0.changeNorm { norm, _, _ in norm = .layer } },
        Mutation("idefics3", "pixels shuffled by 1") {
            $0.change { if case .pixelShuffle = $0 { $0 = .pixelShuffle(side: 1) } }
        },
        Mutation("qwen2-vl", "merged by 1") { $0.change { if case .merge = $0 { $0 = .merge(side: 1) } } },
        Mutation("qwen2-vl", "norm behind the merging") { $0.operations.swapAt(1, 2) },
        Mutation("gemma3-vlm", "pooled by 1") {
            $0.change { if case .averagePool = $0 { $0 = .averagePool(side: 1) } }
        },
        Mutation("llava-1.5", "class token kept") {
            $0.change { if case .select(let features, _) = $0 { $0 = .select(features, dropsClassToken: false) } }
        },
        Mutation("llava-1.5", "two layers") {
            $0.change {
                if case .select(let features, let drops) = $0 {
                    $0 = .select(features + features, dropsClassToken: drops)
                }
            }
        },
    ]

    private static func error(
        _ family: String,
        decoder: (inout DecoderConfiguration) -> Void = { _ in },
        connector: (inout ConnectorConfiguration) -> Void = { _ in }
    ) throws -> Double {
        let oracle = FusionOracle(name: family)
        let golden = try oracle.golden()
        let run = try oracle.run(try oracle.mapped(), golden, decoder: decoder, connector: connector)
        return relativeError(run.evaluation.logits, golden.floats("logits"))
    }

    @Test(arguments: decoders) func everyMistakeOfADecoderShows(mutation: Mutation<DecoderConfiguration>) throws {
        #expect(try Self.error(mutation.family, decoder: mutation.change) > 4 * GoldenLogitsTests.gate)
    }

    @Test(arguments: connectors) func everyMistakeOfAConnectorShows(mutation: Mutation<ConnectorConfiguration>) throws {
        #expect(try Self.error(mutation.family, connector: mutation.change) > 2 * GoldenLogitsTests.gate)
    }

    @Test(arguments: refused) func everyImpossibleConnectorIsRefused(mutation: Mutation<ConnectorConfiguration>) throws
    {
        #expect(throws: (any Error).self) { try Self.error(mutation.family, connector: mutation.change) }
    }
}

extension ConnectorConfiguration {
    fileprivate mutating func change(_ change: (inout ConnectorOperation) -> Void) {
        for index in operations.indices { change(&operations[index]) }
    }

    /// The feature behind the one that is taken.
    fileprivate mutating func selectNext() {
        change { operation in
            guard case .select(let features, let drops) = operation else { return }
            let next = features.map { feature -> VisionFeature in
                if case .layer(let index) = feature { .layer(index + 1) } else { .layer(0) }
            }
            operation = .select(next, dropsClassToken: drops)
        }
    }

    fileprivate mutating func activate(_ activation: VisionActivation) {
        change { if case .activation = $0 { $0 = .activation(activation) } }
    }

    fileprivate mutating func dropBiases() {
        change { operation in
            guard case .linear(let weights, let width, _, let isTransposed) = operation else { return }
            operation = .linear(weights: weights, outputWidth: width, hasBias: false, isTransposed: isTransposed)
        }
    }

    fileprivate mutating func changeNorm(
        _ body: (
            _ norm: inout VisionConfiguration.Norm, _ epsilon: inout Double, _ offset: inout Double
        ) -> Void
    ) {
        change { operation in
            guard case .norm(let weights, var norm, var epsilon, var offset) = operation else { return }
            body(&norm, &epsilon, &offset)
            operation = .norm(weights: weights, norm, epsilon: epsilon, offset: offset)
        }
    }
}
