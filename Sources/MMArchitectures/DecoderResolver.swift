internal import MMBytes

/// Types the knobs of a decoder, and holds them to what any decoder needs.
struct DecoderResolver {
    let description: ArchitectureDescription
    let knobs: Knobs

    /// Bundle name of the tensor that holds the rotary factors, where there is one.
    static let factorsName: ByteString = "text.rope.factors"

    /// Throws `ArchitectureError` for knobs that contradict each other. `elements` reads a small vector.
    func configuration(elements: (ByteString) throws -> [Float]) throws -> DecoderConfiguration {
        let headCount = try count("n_heads")
        let keyValueHeadCount = try count("n_kv_heads")
        guard headCount % keyValueHeadCount == 0 else {
            throw contradiction("n_kv_heads", "\(keyValueHeadCount) does not divide the \(headCount) heads")
        }
        let epsilon = try number("norm_eps")
        guard epsilon >= 0 else { throw contradiction("norm_eps", "\(epsilon) is negative") }
        return DecoderConfiguration(
            vocabularyCount: try count("vocab"),
            modelWidth: try count("d_model"),
            layerCount: try count("n_layers"),
            headCount: headCount,
            keyValueHeadCount: keyValueHeadCount,
            headWidth: try count("head_dim"),
            feedForwardWidth: try count("d_ff"),
            normEpsilon: epsilon,
            normOffset: try number("norm_offset"),
            rope: try rope(elements),
            attentionScale: try number("attn_scale"),
            activation: .silu,
            isTied: try flag("tied"),
            hasQKVBias: try flag("qkv_bias"),
            hasOutputBias: try flag("o_bias"),
            hasMLPBias: try flag("mlp_bias"),
            contextLength: try count("context")
        )
    }

    private func rope(_ elements: (ByteString) throws -> [Float]) throws -> RotaryEmbedding {
        let width = try count("rope_width")
        guard width % 2 == 0, width <= (try count("head_dim")) else {
            throw contradiction("rope_width", "\(width) is odd or wider than a head")
        }
        let theta = try number("rope_theta")
        guard theta > 0 else { throw contradiction("rope_theta", "\(theta) is not positive") }
        let scaling: RotaryEmbedding.Scaling =
            try flag("rope_factors") ? .factors(try elements(Self.factorsName)) : try self.scaling()
        return RotaryEmbedding(theta: theta, width: width, pairing: .half, scaling: scaling)
    }

    private func scaling() throws(ArchitectureError) -> RotaryEmbedding.Scaling {
        let factor = try number("rope_factor")
        guard factor >= 0 else { throw contradiction("rope_factor", "\(factor) is negative") }
        // llama.cpp takes a factor of 0 for none.
        let divisor = factor == 0 ? 1 : factor
        switch try text("rope_kind") {
        case "linear": return divisor == 1 ? .none : .linear(factor: divisor)
        case "llama3":
            let low = try number("rope_low_freq_factor")
            let high = try number("rope_high_freq_factor")
            guard low > 0, high > low else {
                throw contradiction("rope_high_freq_factor", "\(high) is not above rope_low_freq_factor \(low)")
            }
            return .llama3(
                factor: divisor,
                lowFrequencyFactor: low,
                highFrequencyFactor: high,
                originalContextLength: Double(try count("rope_original_context"))
            )
        default: return .none
        }
    }

    private func count(_ name: String) throws(ArchitectureError) -> Int {
        guard let count = knobs[name]?.integer, count > 0 else { throw wrongType(name, "a positive whole number") }
        return count
    }

    private func number(_ name: String) throws(ArchitectureError) -> Double {
        guard case .number(let number) = knobs[name] else { throw wrongType(name, "a number") }
        return number
    }

    private func flag(_ name: String) throws(ArchitectureError) -> Bool {
        guard case .flag(let flag) = knobs[name] else { throw wrongType(name, "true or false") }
        return flag
    }

    private func text(_ name: String) throws(ArchitectureError) -> ByteString {
        guard case .text(let text) = knobs[name] else { throw wrongType(name, "a text") }
        return text
    }

    @inline(never)
    private func wrongType(_ name: String, _ expected: String) -> ArchitectureError {
        let found = knobs[name]?.description ?? "missing"
        return ArchitectureError(
            .wrongKnobType(found: found, expected: expected),
            architecture: description.id,
            subject: ByteString(name)
        )
    }

    @inline(never)
    private func contradiction(_ name: String, _ text: String) -> ArchitectureError {
        ArchitectureError(.contradiction(text), architecture: description.id, subject: ByteString(name))
    }
}
