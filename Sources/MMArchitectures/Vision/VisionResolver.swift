internal import MMBytes

/// Types the knobs of a vision tower, and holds them to what any tower needs.
struct VisionResolver {
    let description: ArchitectureDescription
    let knobs: Knobs
    private let reader: KnobReader

    init(description: ArchitectureDescription, knobs: Knobs) {
        self.description = description
        self.knobs = knobs
        reader = KnobReader(architecture: description.id, knobs: knobs)
    }

    /// Throws `ArchitectureError` for knobs that contradict each other.
    func configuration() throws(ArchitectureError) -> VisionConfiguration {
        let (width, headCount) = (try reader.count("d_model"), try reader.count("n_heads"))
        guard width % headCount == 0 else {
            throw reader.contradiction("n_heads", "\(headCount) do not divide the width \(width)")
        }
        let epsilon = try reader.number("norm_eps")
        guard epsilon >= 0 else { throw reader.contradiction("norm_eps", "\(epsilon) is negative") }
        return VisionConfiguration(
            modelWidth: width,
            layerCount: try reader.count("n_layers"),
            headCount: headCount,
            feedForwardWidth: try reader.count("d_ff"),
            patch: .init(
                side: try reader.count("patch"),
                frameCount: try reader.count("patch_frames"),
                channelCount: try reader.count("channels"),
                hasBias: try reader.flag("patch_bias")
            ),
            imageSide: try reader.optionalCount("image"),
            hasClassToken: try reader.flag("class_token"),
            position: try position(),
            rotaryTheta: try reader.optionalNumber("rope_theta"),
            mergeSide: try reader.count("merge"),
            norm: try reader.choice("norm"),
            normEpsilon: epsilon,
            hasEmbeddingNorm: try reader.flag("embed_norm"),
            hasPreNorm: try reader.flag("pre_norm"),
            postNorm: try reader.choice("post_norm"),
            hasQueryBias: try reader.flag("q_bias"),
            hasKeyBias: try reader.flag("k_bias"),
            hasValueBias: try reader.flag("v_bias"),
            hasOutputBias: try reader.flag("o_bias"),
            queryKeyNorm: try reader.choice("qk_norm"),
            queryKeyNormEpsilon: try reader.number("qk_norm_eps"),
            isGated: try reader.flag("gated"),
            activation: try activation(),
            hasMLPBias: try reader.flag("mlp_bias"),
            hasLayerScale: try reader.flag("layer_scale"),
            window: try window()
        )
    }

    /// The way to the decoder, where the description has it.
    func connector(layerCount: Int) throws(ArchitectureError) -> ConnectorConfiguration? {
        guard let connector = description.connector else { return nil }
        let resolver = ConnectorResolver(
            description: connector,
            layerCount: layerCount,
            architecture: description.id
        ) { knobs[$0] }
        return try resolver.configuration()
    }

    private func position() throws(ArchitectureError) -> VisionConfiguration.Position {
        switch try reader.text("position") {
        case "none": return .none
        case "learned":
            return .learned(side: try reader.count("position_side"), interpolation: try reader.choice("interpolation"))
        case "sinusoidal": return .sinusoidal
        default: throw reader.wrongType("position", "one of none, learned, sinusoidal")
        }
    }

    private func activation() throws(ArchitectureError) -> VisionActivation {
        guard let activation = VisionActivation(huggingFaceName: try reader.text("act").string) else {
            throw reader.wrongType("act", "an activation")
        }
        return activation
    }

    private func window() throws(ArchitectureError) -> VisionConfiguration.Window? {
        guard let side = try reader.optionalCount("window") else { return nil }
        var fullLayers: Set<Int> = []
        for index in 0..<(try reader.count("n_layers")) {
            let layer = try LayerKnobs(index, of: description, knobs: knobs)
            guard case .flag(let isFull) = layer["is_full"] else {
                throw reader.contradiction("is_full", "is neither true nor false in layer \(index)")
            }
            if isFull { fullLayers.insert(index) }
        }
        return VisionConfiguration.Window(side: side, fullLayers: fullLayers)
    }
}
