internal import MMArchitectures

/// The weights of one layer.
struct DecoderLayer: Sendable {
    let attentionNorm: FloatBuffer
    let query: WeightMatrix
    let key: WeightMatrix
    let value: WeightMatrix
    let output: WeightMatrix
    let feedForwardNorm: FloatBuffer
    let gate: WeightMatrix
    let up: WeightMatrix
    let down: WeightMatrix

    init(_ index: Int, of configuration: DecoderConfiguration, from loader: WeightLoader) throws {
        let prefix = "text.layers.\(index)"
        let width = configuration.modelWidth
        let queryWidth = configuration.headCount * configuration.headWidth
        let keyWidth = configuration.keyValueHeadCount * configuration.headWidth
        let innerWidth = configuration.feedForwardWidth
        func matrix(_ name: String, _ rows: Int, _ columns: Int, _ hasBias: Bool) throws -> WeightMatrix {
            try loader.matrix("\(prefix).\(name)", rows: rows, columns: columns, hasBias: hasBias)
        }
        attentionNorm = try loader.vector("\(prefix).attn_norm.weight", count: width)
        query = try matrix("attn.q", queryWidth, width, configuration.hasQKVBias)
        key = try matrix("attn.k", keyWidth, width, configuration.hasQKVBias)
        value = try matrix("attn.v", keyWidth, width, configuration.hasQKVBias)
        output = try matrix("attn.o", width, queryWidth, configuration.hasOutputBias)
        feedForwardNorm = try loader.vector("\(prefix).mlp_norm.weight", count: width)
        gate = try matrix("mlp.gate", innerWidth, width, configuration.hasMLPBias)
        up = try matrix("mlp.up", innerWidth, width, configuration.hasMLPBias)
        down = try matrix("mlp.down", width, innerWidth, configuration.hasMLPBias)
    }
}
