internal import MMArchitectures

/// The weights of an `AttentionPoolConfiguration`.
struct AttentionPool: Sendable {
    struct Layer: Sendable {
        let queryNorm: NormWeights
        let tokenNorm: NormWeights
        let query: WeightMatrix
        let key: WeightMatrix
        let value: WeightMatrix
        let output: WeightMatrix
        let innerNorm: NormWeights
        let gate: WeightMatrix
        let up: WeightMatrix
        let gatedNorm: NormWeights
        let down: WeightMatrix
    }

    let configuration: AttentionPoolConfiguration
    /// [queryCount, width].
    let queries: FloatBuffer
    let layers: [Layer]

    init(_ name: String, _ configuration: AttentionPoolConfiguration, width: Int, from loader: WeightLoader) throws {
        guard width.isMultiple(of: configuration.headCount) else {
            throw VisionError(.impossibleConfiguration("heads of \(name)", configuration.headCount))
        }
        self.configuration = configuration
        queries = try loader.table("\(name).queries", rows: configuration.queryCount, columns: width)
        let inner = configuration.innerWidth
        layers = try (0..<configuration.layerCount).map { index in
            func norm(_ part: String, width: Int, epsilon: Double) throws -> NormWeights {
                try NormWeights("\(name).\(index).\(part)", .layer, width: width, epsilon: epsilon, from: loader)
            }
            func matrix(_ part: String, rows: Int, columns: Int) throws -> WeightMatrix {
                try loader.matrix("\(name).\(index).\(part)", rows: rows, columns: columns, hasBias: true)
            }
            let epsilon = configuration.epsilon
            return Layer(
                queryNorm: try norm("norm_q", width: width, epsilon: epsilon),
                tokenNorm: try norm("norm_k", width: width, epsilon: epsilon),
                query: try matrix("attn.q", rows: width, columns: width),
                key: try matrix("attn.k", rows: width, columns: width),
                value: try matrix("attn.v", rows: width, columns: width),
                output: try matrix("attn.o", rows: width, columns: width),
                innerNorm: try norm("norm", width: width, epsilon: epsilon),
                gate: try matrix("mlp.gate", rows: inner, columns: width),
                up: try matrix("mlp.up", rows: inner, columns: width),
                gatedNorm: try norm("mlp.norm", width: inner, epsilon: configuration.innerEpsilon),
                down: try matrix("mlp.down", rows: width, columns: inner)
            )
        }
    }
}
