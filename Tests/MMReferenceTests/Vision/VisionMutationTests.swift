import MMArchitectures
import MMBytes
import MMReference
import MMStorage
import MMTensors
import MMTestSupport
import Testing

/// A mistake in a knob or in the order of patches must show: a gate that it passes under proves nothing.
@Suite struct VisionMutationTests {
    struct Mutation: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let oracle: VisionOracle
        var weights: @Sendable (inout MemorySource) -> Void = { _ in }
        var configuration: @Sendable (inout VisionConfiguration) -> Void

        init(
            _ description: String,
            _ oracle: VisionOracle,
            configuration: @escaping @Sendable (inout VisionConfiguration) -> Void = { _ in },
            weights: @escaping @Sendable (inout MemorySource) -> Void = { _ in }
        ) {
            testDescription = "\(oracle.name): \(description)"
            self.oracle = oracle
            self.weights = weights
            self.configuration = configuration
        }
    }

    static let mutations = [
        Mutation("gelu for quick gelu", .clip) { $0.activation = .gelu },
        Mutation("tanh gelu for gelu", .clipGelu) { $0.activation = .geluTanh },
        Mutation("quick gelu for gelu", .clipGelu) { $0.activation = .quickGelu },
        Mutation("gelu for tanh gelu", .siglip) { $0.activation = .gelu },
        Mutation("silu for gelu", .internvit) { $0.activation = .silu },
        Mutation("gelu for silu", .aimv2) { $0.activation = .gelu },
        Mutation("pre norm dropped", .clip) { $0.hasPreNorm = false },
        Mutation("eps times a hundred", .clip) { $0.normEpsilon *= 100 },
        Mutation("eps times a hundred", .aimv2) { $0.normEpsilon *= 100 },
        Mutation("other norm", .siglip) { $0.norm = .rms },
        Mutation("patch bias dropped", .siglip) { $0.patch.hasBias = false },
        Mutation("post norm dropped", .siglip) { $0.postNorm = .none },
        Mutation("embedding norm dropped", .aimv2) { $0.hasEmbeddingNorm = false },
        Mutation("norm behind all tokens", .clip) { $0.postNorm = .all },
        Mutation("a layer dropped", .siglip) { $0.layerCount -= 1 },
        Mutation("query bias dropped", .siglip) { $0.hasQueryBias = false },
        Mutation("value bias dropped", .siglip) { $0.hasValueBias = false },
        Mutation("output bias dropped", .siglip) { $0.hasOutputBias = false },
        Mutation("mlp biases dropped", .siglip) { $0.hasMLPBias = false },
        Mutation("other heads", .siglip) { $0.headCount = 3 },
        Mutation("gate dropped", .aimv2) { $0.isGated = false },
        Mutation("layer scale dropped", .internvit) { $0.hasLayerScale = false },
        Mutation("query and key norms dropped", .internvitNormed) { $0.queryKeyNorm = .none },
        Mutation("query and key norms' eps", .internvitNormed) { $0.queryKeyNormEpsilon = 1e-2 },
        Mutation("positions dropped", .siglip) { $0.position = .none },
        Mutation("waves for positions", .idefics3) { $0.position = .sinusoidal },
        Mutation("bilinear for bicubic", .clip) { $0.position = .learned(side: 4, interpolation: .bilinear) },
        Mutation("bilinear for bicubic", .siglip) { $0.position = .learned(side: 4, interpolation: .bilinear) },
        Mutation("bicubic for bucketed", .idefics3) { $0.position = .learned(side: 4, interpolation: .bicubic) },
        Mutation("bicubic for bilinear", .qwen3) { $0.position = .learned(side: 5, interpolation: .bicubic) },
        Mutation("bucketed for bilinear", .qwen3) { $0.position = .learned(side: 5, interpolation: .bucketed) },
        Mutation("rope dropped", .qwen2) { $0.rotaryTheta = nil },
        Mutation("rope's theta doubled", .qwen2) { $0.rotaryTheta = 20_000 },
        Mutation("blocks taken for rows", .qwen2) { $0.mergeSide = 1 },
        Mutation("windows dropped", .qwen25) { $0.window = nil },
        Mutation("windows twice as wide", .qwen25) { $0.window?.side = 8 },
        Mutation("windows half as wide", .qwen25) { $0.window?.side = 2 },
        Mutation("windows in every layer", .qwen25) { $0.window?.fullLayers = [] },
        Mutation("windows in another layer", .qwen25) { $0.window?.fullLayers = [2] },
        Mutation("gate and up exchanged", .qwen25, weights: { $0.exchange("mlp.gate", "mlp.up") }),
        Mutation("queries and keys exchanged", .qwen3, weights: { $0.exchange("attn.q", "attn.v") }),
        Mutation("rows and columns exchanged", .aimv2Native, weights: { $0.exchangeHalves(of: "vision.patch.weight") }),
    ]

    @Test(arguments: mutations)
    func everyMistakeShows(mutation: Mutation) throws {
        var configuration = mutation.oracle.configuration
        var source = try mutation.oracle.source()
        mutation.configuration(&configuration)
        mutation.weights(&source)
        let tower = try VisionTower(source: source, configuration: configuration, team: ThreadTeam(threadCount: 1))
        var worst = 0.0
        for example in try mutation.oracle.cases() {
            let found = try VisionEvaluation(tower, example.inputs)
            worst = max(worst, relativeError(found["vision.out"], example.expected("vision.out")))
        }
        #expect(worst.isFinite && worst > 2 * GoldenVisionTests.gate)
    }

    /// A wrong value of a knob that is a size, or a part too many, contradicts the weights or the picture.
    static let refused = [
        Mutation("width", .siglip) { $0.modelWidth *= 2 },
        Mutation("one layer more", .siglip) { $0.layerCount += 1 },
        Mutation("width of the feed-forward part", .siglip) { $0.feedForwardWidth *= 2 },
        Mutation("side of patches", .siglip) { $0.patch.side *= 2 },
        Mutation("frames of patches", .siglip) { $0.patch.frameCount = 2 },
        Mutation("channels of patches", .siglip) { $0.patch.channelCount = 1 },
        Mutation("class token dropped", .clip) { $0.hasClassToken = false },
        Mutation("norms of heads", .siglip) { $0.queryKeyNorm = .head },
        Mutation("an embedding norm", .siglip) { $0.hasEmbeddingNorm = true },
        Mutation("key bias", .qwen3) {
            $0.hasKeyBias = false
            $0.isGated = true
        },
    ]

    @Test(arguments: refused)
    func everyWrongSizeIsRefused(mutation: Mutation) throws {
        var configuration = mutation.oracle.configuration
        mutation.configuration(&configuration)
        #expect(throws: (any Error).self) {
            try VisionTower(
                source: mutation.oracle.source(),
                configuration: configuration,
                team: ThreadTeam(threadCount: 1)
            )
        }
    }

    /// No knob of the tower is left out.
    @Test func everyKnobIsInAMutation() throws {
        var changed: Set<String> = []
        for mutation in Self.mutations + Self.refused {
            var wrong = mutation.oracle.configuration
            mutation.configuration(&wrong)
            changed.formUnion(KnobDifference.names(mutation.oracle.configuration, wrong))
        }
        // How large a picture usually is decides which ones verify draws, and nothing of the graph.
        let left = KnobDifference.names(of: VisionOracle.qwen25.configuration).subtracting(changed)
        #expect(left.subtracting(["imageSide"]) == [], "not in any mutation")
    }

    /// A key bias alone moves every score of a query alike, which the softmax does not see.
    @Test func aKeyBiasIsNoMistakeThatCouldShow() throws {
        var configuration = VisionOracle.siglip.configuration
        configuration.hasKeyBias = false
        let tower = try VisionTower(
            source: VisionOracle.siglip.source(),
            configuration: configuration,
            team: ThreadTeam(threadCount: 1)
        )
        let example = try #require(try VisionOracle.siglip.cases().first)
        let found = try VisionEvaluation(tower, example.inputs)["vision.out"]
        #expect(relativeError(found, example.expected("vision.out")) <= GoldenVisionTests.gate)
    }
}

extension MemorySource {
    /// Gives every tensor with `first` in its name the bytes of that with `second`, and the other way round.
    fileprivate mutating func exchange(_ first: String, _ second: String) {
        let old = self
        for entry in old.entries where entry.descriptor.name.string.contains(".\(first).") {
            let name = entry.descriptor.name.string
            let other = name.replacing(".\(first).", with: ".\(second).")
            self[name]?.bytes = old[other]?.bytes ?? []
            self[other]?.bytes = entry.bytes
        }
    }

    fileprivate mutating func exchangeHalves(of name: String) {
        guard var entry = self[name] else { return }
        let half = entry.bytes.count / 2
        entry.bytes = Array(entry.bytes[half...] + entry.bytes[..<half])
        self[name] = entry
    }
}
