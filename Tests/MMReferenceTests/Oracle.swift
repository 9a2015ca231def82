import MMArchitectures
import MMBytes
import MMReference
import MMStorage
import MMTensors
import MMTestSupport
import Testing

/// A tiny llama with what transformers made of it.
struct Oracle: Sendable, CustomTestStringConvertible {
    let name: String
    let weights: [String]
    let configuration: DecoderConfiguration
    var testDescription: String { name }

    static let tied = Oracle(
        name: "llama-tied",
        configuration: .tiny(width: 64, layers: 3, heads: 4, keyValueHeads: 2, inner: 128, epsilon: 1e-5, isTied: true)
    )
    static let tiedDefault = Oracle(
        name: "llama-tied-default",
        configuration: .tiny(width: 64, layers: 2, heads: 4, keyValueHeads: 2, inner: 96, epsilon: 1e-6, isTied: true)
    )
    static let untied = Oracle(
        name: "llama-untied-sharded",
        weights: (1...3).map { "model-0000\($0)-of-00003" },
        configuration: .tiny(
            width: 72,
            layers: 3,
            heads: 4,
            keyValueHeads: 2,
            inner: 112,
            epsilon: 1e-6,
            isTied: false,
            theta: 100_000,
            scaling: .llama3(factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContextLength: 32)
        )
    )
    static let biased = Oracle(
        name: "llama-biased",
        configuration: .tiny(
            width: 48,
            layers: 2,
            heads: 3,
            keyValueHeads: 3,
            inner: 80,
            epsilon: 1e-5,
            isTied: false,
            hasBias: true
        )
    )
    static let all = [tied, tiedDefault, untied, biased]

    init(name: String, weights: [String] = ["model"], configuration: DecoderConfiguration) {
        self.name = name
        self.weights = weights
        self.configuration = configuration
    }

    /// The weights by bundle names.
    func source() throws -> MemorySource {
        let files = try weights.map { try MemorySource(safetensors: "oracles/\(name)/\($0).safetensors") }
        return MemorySource(
            files.flatMap(\.entries).map { entry in
                var entry = entry
                entry.descriptor = entry.descriptor.renamed(ByteString(Self.bundleName(entry.descriptor.name.string)))
                return entry
            }
        )
    }

    func golden() throws -> MemorySource {
        try MemorySource(safetensors: "oracles/golden/\(name).safetensors")
    }

    func decoder(threadCount: Int = 2) throws -> ReferenceDecoder {
        try ReferenceDecoder(
            source: source(),
            configuration: configuration,
            team: ThreadTeam(threadCount: threadCount)
        )
    }

    private static func bundleName(_ name: String) -> String {
        let parts = [
            ("model.", "text."), ("lm_head", "text.head"), ("embed_tokens", "embed"),
            ("input_layernorm", "attn_norm"), ("post_attention_layernorm", "mlp_norm"), ("self_attn.", "attn."),
            ("q_proj", "q"), ("k_proj", "k"), ("v_proj", "v"), ("o_proj", "o"), ("gate_proj", "gate"),
            ("up_proj", "up"), ("down_proj", "down"),
        ]
        return parts.reduce(name) { $0.replacing($1.0, with: $1.1) }
    }
}

extension DecoderConfiguration {
    static func tiny(
        width: Int,
        layers: Int,
        heads: Int,
        keyValueHeads: Int,
        inner: Int,
        epsilon: Double,
        isTied: Bool,
        theta: Double = 10_000,
        scaling: RotaryEmbedding.Scaling = .none,
        hasBias: Bool = false
    ) -> DecoderConfiguration {
        DecoderConfiguration(
            vocabularyCount: 320,
            modelWidth: width,
            layers: Array(repeating: .init(), count: layers),
            headCount: heads,
            keyValueHeadCount: keyValueHeads,
            headWidth: 16,
            feedForwardWidth: inner,
            normEpsilon: epsilon,
            rope: RotaryEmbedding(theta: theta, width: 16, scaling: scaling),
            attentionScale: 0.25,
            isTied: isTied,
            hasQKVBias: hasBias,
            hasOutputBias: hasBias,
            hasMLPBias: hasBias
        )
    }
}
