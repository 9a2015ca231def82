import MMArchitectures
import MMReference
import MMStorage
import MMTensors
import MMTestSupport

/// A random model of two layers, and copies of it with a mistake.
enum TinyModel {
    static let configuration = DecoderConfiguration(
        vocabularyCount: 96,
        modelWidth: 32,
        layers: [.init(), .init()],
        headCount: 4,
        keyValueHeadCount: 2,
        headWidth: 8,
        feedForwardWidth: 48,
        normEpsilon: 1e-5,
        rope: RotaryEmbedding(theta: 10_000, width: 8),
        attentionScale: 0.35,
        isTied: true
    )

    /// - Parameter noise: relative, added to every matrix but the embedding.
    static func source(noise: Float = 0) -> MemorySource {
        var generator = SplitMix64(seed: 11)
        var disturbance = SplitMix64(seed: 12)
        func tensor(_ name: String, _ dimensions: [Int], base: Float = 0, scale: Float) -> MemorySource.Entry? {
            let values = (0..<dimensions.reduce(1, *)).map { _ in
                let value = base + scale * Float(generator.nextUnit() * 2 - 1)
                let isDisturbed = dimensions.count == 2 && name != "text.embed.weight"
                return isDisturbed ? value * (1 + noise * Float(disturbance.nextUnit() * 2 - 1)) : value
            }
            return MemorySource.Entry(name, dimensions, values)
        }
        var entries = [
            tensor("text.embed.weight", [96, 32], scale: 1), tensor("text.norm.weight", [32], base: 1, scale: 0.2),
        ]
        for layer in 0..<2 {
            let prefix = "text.layers.\(layer)"
            entries += [
                tensor("\(prefix).attn_norm.weight", [32], base: 1, scale: 0.2),
                tensor("\(prefix).attn.q.weight", [32, 32], scale: 0.5),
                tensor("\(prefix).attn.k.weight", [16, 32], scale: 0.5),
                tensor("\(prefix).attn.v.weight", [16, 32], scale: 0.3),
                tensor("\(prefix).attn.o.weight", [32, 32], scale: 0.3),
                tensor("\(prefix).mlp_norm.weight", [32], base: 1, scale: 0.2),
                tensor("\(prefix).mlp.gate.weight", [48, 32], scale: 0.3),
                tensor("\(prefix).mlp.up.weight", [48, 32], scale: 0.3),
                tensor("\(prefix).mlp.down.weight", [32, 48], scale: 0.3),
            ]
        }
        return MemorySource(entries.compactMap { $0 })
    }

    static func decoder(noise: Float = 0, threadCount: Int = 2) throws -> ReferenceDecoder {
        try ReferenceDecoder(
            source: source(noise: noise),
            configuration: configuration,
            team: ThreadTeam(threadCount: threadCount)
        )
    }
}
