import MMArchitectures
import MMReference
import MMTensors
import MMTestSupport
import Testing

/// A mistake in any knob of any family must show in the logits: the descriptions are held to them, not to names.
@Suite struct FamilyMutationTests {
    struct Mutation: Sendable, CustomTestStringConvertible {
        let family: String
        let what: String
        let change: @Sendable (inout DecoderConfiguration) -> Void
        var testDescription: String { "\(family): \(what)" }

        init(_ family: String, _ what: String, _ change: @escaping @Sendable (inout DecoderConfiguration) -> Void) {
            self.family = family
            self.what = what
            self.change = change
        }
    }

    static let mutations = [
        Mutation("mistral", "window one less") { $0.window? -= 1 },
        Mutation("mistral", "window one more") { $0.window? += 1 },
        Mutation("mistral", "no layer slides") { $0.changeLayers { $0.isSliding = false } },
        Mutation("mixtral", "weights of experts not divided by their sum") { $0.experts?.isRenormalized = false },
        Mutation("mixtral", "one expert a token") { $0.experts?.used = 1 },
        Mutation("qwen2", "biases dropped") { $0.hasQKVBias = false },
        Mutation("qwen2-moe", "weights of experts divided by their sum") { $0.experts?.isRenormalized.toggle() },
        Mutation("qwen2-moe", "shared expert not gated") { $0.experts?.hasSharedGate = false },
        Mutation("qwen2-moe", "shared expert dropped") { $0.experts?.sharedWidth = 0 },
        Mutation("qwen3", "norms of heads dropped") { $0.queryKeyNorm = .none },
        Mutation("qwen3-moe", "weights of experts not divided by their sum") { $0.experts?.isRenormalized.toggle() },
        Mutation("gemma", "norms without the 1") { $0.normOffset = 0 },
        Mutation("gemma", "embedding not scaled") { $0.embeddingScale = 1 },
        Mutation("gemma", "gelu by erf") { $0.activation = .gelu },
        Mutation("gemma", "silu") { $0.activation = .silu },
        Mutation("gemma2", "attention softcap dropped") { $0.attentionSoftcap = nil },
        Mutation("gemma2", "final softcap dropped") { $0.finalSoftcap = nil },
        Mutation("gemma2", "the other layers slide") { $0.changeLayers { $0.isSliding.toggle() } },
        Mutation("gemma2", "scale of the head width") { $0.attentionScale = 1 / Double($0.headWidth).squareRoot() },
        Mutation("gemma2", "norms behind dropped") { $0.normPlacement = .pre },
        Mutation("gemma2-default", "eps times ten") { $0.normEpsilon *= 10 },
        Mutation("gemma3", "one rotary base") { $0.slidingRope = nil },
        Mutation("gemma3", "the other layers slide") { $0.changeLayers { $0.isSliding.toggle() } },
        Mutation("gemma3", "norms of heads dropped") { $0.queryKeyNorm = .none },
        Mutation("smollm3", "every layer turns") { $0.changeLayers { $0.hasRope = true } },
        Mutation("phi3", "rotary scaling dropped") { $0.rope.scaling = .none },
        Mutation("phi3", "attention factor dropped") { $0.rope.attentionFactor = 1 },
        Mutation("olmo2", "norms of queries and keys dropped") { $0.queryKeyNorm = .none },
        Mutation("llama3-rope", "rotary scaling dropped") { $0.rope.scaling = .none },
        Mutation("llama3-rope", "theta doubled") { $0.rope.theta *= 2 },
        Mutation("llama3-rope", "neighbours paired") { $0.rope.pairing = .interleaved },
        Mutation("llama3-rope", "half the head turns") { $0.rope.width /= 2 },
        Mutation("gemma3", "sliding layers' theta doubled") { $0.slidingRope?.theta *= 2 },
        Mutation("gemma3", "attention softcap of 1") { $0.attentionSoftcap = 1 },
    ]

    /// A wrong value of a knob that is a size contradicts the shapes of the weights.
    static let sizes: [Mutation] = [
        Mutation("qwen2-moe", "vocabulary") { $0.vocabularyCount += 1 },
        Mutation("qwen2-moe", "width") { $0.modelWidth *= 2 },
        Mutation("qwen2-moe", "one layer more") { $0.layers.append($0.layers[0]) },
        Mutation("qwen2-moe", "heads") { $0.headCount *= 2 },
        Mutation("qwen2-moe", "heads of keys") {
            $0.keyValueHeadCount *= 2
            $0.headCount *= 2
        },
        Mutation("qwen2-moe", "width of heads") { $0.headWidth *= 2 },
        Mutation("llama3-rope", "width of the feed-forward part") { $0.feedForwardWidth *= 2 },
        Mutation("qwen2-moe", "no experts") { $0.experts = nil },
        Mutation("qwen2-moe", "experts") { $0.experts?.count += 1 },
        Mutation("qwen2-moe", "width of experts") { $0.experts?.width *= 2 },
        Mutation("qwen2-moe", "width of the shared expert") { $0.experts?.sharedWidth *= 2 },
        Mutation("qwen2-moe", "the other layers are sparse") { $0.changeLayers { $0.isSparse.toggle() } },
        Mutation("qwen3", "norms over all heads") { $0.queryKeyNorm = .full },
        Mutation("gemma2", "norms behind alone") {
            $0.normPlacement = .post
            $0.queryKeyNorm = .head
        },
        Mutation("qwen2", "a bias behind attention") { $0.hasOutputBias = true },
        Mutation("qwen2", "biases of the feed-forward part") { $0.hasMLPBias = true },
        Mutation("qwen3", "biases") { $0.hasQKVBias = true },
    ]

    @Test(arguments: sizes)
    func everyWrongSizeIsRefused(mutation: Mutation) throws {
        #expect(throws: ReferenceError.self) {
            try FamilyOracle(name: mutation.family).decoder(mutation.change)
        }
    }

    /// No knob of the decoder is left out: each differs in one of the mutations here, or in those of `MutationTests` and
    /// `FusionMutationTests`.
    @Test func everyKnobIsInAMutation() throws {
        var changed: Set<String> = []
        func note(_ right: DecoderConfiguration, _ change: (inout DecoderConfiguration) -> Void) {
            var wrong = right
            change(&wrong)
            changed.formUnion(KnobDifference.names(right, wrong))
        }
        for mutation in Self.mutations + Self.sizes {
            note(try #require(try FamilyOracle(name: mutation.family).mapped().model.decoder), mutation.change)
        }
        for mutation in MutationTests.mutations { note(mutation.oracle.configuration, mutation.configuration) }
        for mutation in FusionMutationTests.decoders {
            note(try #require(try FusionOracle(name: mutation.family).mapped().model.decoder), mutation.change)
        }
        let model = try #require(try FamilyOracle(name: "qwen2-moe").mapped().model.decoder)
        // How long a sequence may be is no part of the graph.
        let left = KnobDifference.names(of: model).subtracting(changed).subtracting(["contextLength"])
        #expect(left == [], "not in any mutation")
    }

    @Test(arguments: mutations)
    func everyMistakeShows(mutation: Mutation) throws {
        let oracle = FamilyOracle(name: mutation.family)
        let right = try oracle.decoder()
        let wrong = try oracle.decoder(mutation.change)
        let golden = try oracle.golden()
        let tokens = try #require(try oracle.sequences().first)
        let expected = Array(golden.floats("logits").prefix(tokens.count * right.configuration.vocabularyCount))
        #expect(wrong.configuration != right.configuration)
        #expect(try relativeError(Evaluation(right, tokens).logits, expected) <= GoldenLogitsTests.gate)
        #expect(try relativeError(Evaluation(wrong, tokens).logits, expected) > 4 * GoldenLogitsTests.gate)
    }
}

extension DecoderConfiguration {
    fileprivate mutating func changeLayers(_ change: (inout Layer) -> Void) {
        for index in layers.indices { change(&layers[index]) }
    }
}
