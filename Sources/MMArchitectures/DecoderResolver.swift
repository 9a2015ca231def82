internal import MMBytes

/// Types the knobs of a decoder, and holds them to what any decoder needs.
struct DecoderResolver {
    let description: ArchitectureDescription
    let knobs: Knobs
    let reader: KnobReader

    init(description: ArchitectureDescription, knobs: Knobs) {
        self.description = description
        self.knobs = knobs
        reader = KnobReader(architecture: description.id, knobs: knobs)
    }

    /// Throws `ArchitectureError` for knobs that contradict each other. `elements` reads a small vector.
    func configuration(elements: (ByteString) throws -> [Float]) throws -> DecoderConfiguration {
        let headCount = try reader.count("n_heads")
        let keyValueHeadCount = try reader.count("n_kv_heads")
        guard headCount % keyValueHeadCount == 0 else {
            throw reader.contradiction("n_kv_heads", "\(keyValueHeadCount) does not divide the \(headCount) heads")
        }
        let epsilon = try reader.number("norm_eps")
        guard epsilon >= 0 else { throw reader.contradiction("norm_eps", "\(epsilon) is negative") }
        let layers = try layers()
        let rotary = RotaryResolver(reader: reader)
        var configuration = DecoderConfiguration(
            vocabularyCount: try reader.count("vocab"),
            modelWidth: try reader.count("d_model"),
            layers: layers,
            headCount: headCount,
            keyValueHeadCount: keyValueHeadCount,
            headWidth: try reader.count("head_dim"),
            feedForwardWidth: try reader.count("d_ff"),
            normEpsilon: epsilon,
            normOffset: try reader.number("norm_offset"),
            rope: try rotary.rope(elements),
            attentionScale: try reader.number("attn_scale"),
            activation: try activation(),
            isTied: try reader.flag("tied"),
            hasQKVBias: try reader.flag("qkv_bias"),
            hasOutputBias: try reader.flag("o_bias"),
            hasMLPBias: try reader.flag("mlp_bias"),
            contextLength: try reader.count("context")
        )
        configuration.normPlacement = try reader.choice("norm_placement")
        configuration.queryKeyNorm = try reader.choice("qk_norm")
        configuration.embeddingScale = try reader.number("embed_scale")
        configuration.attentionSoftcap = try softcap("attn_softcap")
        configuration.finalSoftcap = try softcap("final_softcap")
        if layers.contains(where: \.isSliding) {
            configuration.window = try reader.count("window")
            configuration.slidingRope = try rotary.slidingRope()
        }
        if layers.contains(where: \.isSparse) { configuration.experts = try experts() }
        return configuration
    }

    private func layers() throws(ArchitectureError) -> [DecoderConfiguration.Layer] {
        var layers: [DecoderConfiguration.Layer] = []
        for index in 0..<(try reader.count("n_layers")) {
            let facts = try LayerKnobs(index, of: description, knobs: knobs)
            var layer = DecoderConfiguration.Layer()
            layer.isSliding = try flag("is_sliding", facts)
            layer.hasRope = try flag("has_rope", facts)
            layer.isSparse = try flag("is_sparse", facts)
            layers.append(layer)
        }
        return layers
    }

    private func flag(_ name: String, _ facts: LayerKnobs) throws(ArchitectureError) -> Bool {
        guard case .flag(let flag) = facts[name] else { throw reader.wrongType(name, "true or false in every layer") }
        return flag
    }

    /// The spellings of transformers' ACT2FN that mean one of ours.
    private func activation() throws(ArchitectureError) -> DecoderConfiguration.Activation {
        switch try reader.text("act").string {
        case "swish": .silu
        case "gelu_new", "gelu_fast", "gelu_tanh": .geluTanh
        default: try reader.choice("act")
        }
    }

    private func softcap(_ name: String) throws(ArchitectureError) -> Double? {
        guard let cap = try reader.optionalNumber(name) else { return nil }
        guard cap > 0 else { throw reader.contradiction(name, "\(cap) is not positive") }
        return cap
    }

    private func experts() throws(ArchitectureError) -> DecoderConfiguration.Experts {
        let count = try reader.count("n_experts")
        let used = try reader.count("experts_used")
        guard used <= count else { throw reader.contradiction("experts_used", "\(used) of \(count) experts") }
        let sharedWidth = try reader.number("d_ff_shared")
        return DecoderConfiguration.Experts(
            count: count,
            used: used,
            width: try reader.count("d_ff_expert"),
            isRenormalized: try reader.flag("renormalized"),
            sharedWidth: sharedWidth == 0 ? 0 : try reader.count("d_ff_shared"),
            hasSharedGate: try reader.flag("shared_gate")
        )
    }
}
