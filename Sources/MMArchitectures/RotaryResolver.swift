internal import MMBytes

/// Types the knobs of rotary embeddings.
struct RotaryResolver {
    let reader: KnobReader

    /// Bundle names of the tensors that hold rotary factors, where there are such.
    static let factorsName: ByteString = "text.rope.factors"
    static let shortFactorsName: ByteString = "text.rope.short"
    static let longFactorsName: ByteString = "text.rope.long"

    /// The embedding of all layers, or of those that do not slide. `elements` reads a small vector.
    func rope(_ elements: (ByteString) throws -> [Float]) throws -> RotaryEmbedding {
        let width = try width()
        let (scaling, attentionFactor) =
            if try reader.flag("rope_factors") {
                (RotaryEmbedding.Scaling.factors(try elements(Self.factorsName)), 1.0)
            } else {
                try scaling(width: width, elements)
            }
        return RotaryEmbedding(
            theta: try theta("rope_theta"),
            width: width,
            pairing: .half,
            scaling: scaling,
            attentionFactor: attentionFactor,
            axes: try axes(width: width)
        )
    }

    /// The embedding of sliding layers; nil where it is the same.
    func slidingRope() throws(ArchitectureError) -> RotaryEmbedding? {
        guard try reader.optionalNumber("sliding_rope_theta") != nil else { return nil }
        return RotaryEmbedding(theta: try theta("sliding_rope_theta"), width: try width())
    }

    private func width() throws(ArchitectureError) -> Int {
        let width = try reader.count("rope_width")
        guard width % 2 == 0, width <= (try reader.count("head_dim")) else {
            throw reader.contradiction("rope_width", "\(width) is odd or wider than a head")
        }
        return width
    }

    private func theta(_ name: String) throws(ArchitectureError) -> Double {
        let theta = try reader.number(name)
        guard theta > 0 else { throw reader.contradiction(name, "\(theta) is not positive") }
        return theta
    }

    private func axes(width: Int) throws(ArchitectureError) -> RotaryEmbedding.Axes? {
        let sections = try reader.numbers("rope_sections").map { Int(exactly: $0) ?? -1 }
        guard !sections.isEmpty else { return nil }
        // GGUF has a fourth section, for vision, which is 0 here.
        guard sections.count == 3 || (sections.count == 4 && sections[3] == 0),
            sections.allSatisfy({ $0 >= 0 && $0 <= width }), sections.reduce(0, +) == width / 2
        else {
            throw reader.contradiction("rope_sections", "\(sections) are not three counts of the \(width / 2) pairs")
        }
        return RotaryEmbedding.Axes(sections: Array(sections.prefix(3)), order: try reader.choice("rope_axes"))
    }

    private func scaling(
        width: Int,
        _ elements: (ByteString) throws -> [Float]
    ) throws -> (RotaryEmbedding.Scaling, attentionFactor: Double) {
        let factor = try reader.number("rope_factor")
        guard factor >= 0 else { throw reader.contradiction("rope_factor", "\(factor) is negative") }
        // llama.cpp takes a factor of 0 for none.
        let divisor = factor == 0 ? 1 : factor
        switch try reader.text("rope_kind") {
        case "linear": return (divisor == 1 ? .none : .linear(factor: divisor), 1)
        case "dynamic": return (.dynamic(factor: divisor, contextLength: try reader.count("context")), 1)
        case "llama3": return (try llama3(divisor), 1)
        case "yarn": return try yarn(divisor)
        case "longrope", "su": return try longRope(width: width, elements)
        default: return (.none, 1)
        }
    }

    private func llama3(_ factor: Double) throws(ArchitectureError) -> RotaryEmbedding.Scaling {
        let low = try reader.number("rope_low_freq_factor")
        let high = try reader.number("rope_high_freq_factor")
        guard low > 0, high > low else {
            throw reader.contradiction("rope_high_freq_factor", "\(high) is not above rope_low_freq_factor \(low)")
        }
        return .llama3(
            factor: factor,
            lowFrequencyFactor: low,
            highFrequencyFactor: high,
            originalContextLength: Double(try reader.count("rope_original_context"))
        )
    }

    private func yarn(
        _ factor: Double
    ) throws(ArchitectureError) -> (RotaryEmbedding.Scaling, attentionFactor: Double) {
        let (fast, slow) = (try reader.number("rope_beta_fast"), try reader.number("rope_beta_slow"))
        guard slow > 0, fast >= slow, try reader.number("rope_theta") > 1 else {
            throw reader.contradiction("rope_beta_fast", "\(fast) is below rope_beta_slow \(slow)")
        }
        let scaling = RotaryEmbedding.Scaling.yarn(
            factor: factor,
            betaFast: fast,
            betaSlow: slow,
            originalContextLength: Double(try reader.count("rope_original_context")),
            isTruncated: try reader.flag("rope_truncate")
        )
        let given = try reader.optionalNumber("rope_attention_factor")
        return (scaling, given ?? RotaryEmbedding.yarnAttentionFactor(factor))
    }

    private func longRope(
        width: Int,
        _ elements: (ByteString) throws -> [Float]
    ) throws -> (RotaryEmbedding.Scaling, attentionFactor: Double) {
        let original = try reader.count("rope_original_context")
        let isStored = try reader.flag("rope_long_factors")
        let short = try isStored ? elements(Self.shortFactorsName).map(Double.init) : reader.numbers("rope_short")
        let long = try isStored ? elements(Self.longFactorsName).map(Double.init) : reader.numbers("rope_long")
        for (name, factors) in [("rope_short", short), ("rope_long", long)] {
            guard factors.count == width / 2, factors.allSatisfy({ $0 > 0 }) else {
                throw reader.contradiction(name, "\(factors.count) factors, not \(width / 2) positive numbers")
            }
        }
        let factor = Double(try reader.count("context")) / Double(original)
        let given = try reader.optionalNumber("rope_attention_factor")
        return (
            .longRope(short: short, long: long, originalContextLength: original),
            given ?? RotaryEmbedding.longRopeAttentionFactor(factor, originalContextLength: original)
        )
    }
}
