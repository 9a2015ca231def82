internal import MMBytes
internal import MMTensors

/// What must hold for two GGUF files to be of one model, as far as they say it themselves.
struct GGUFPairRules {
    let text: any TensorSource
    let projector: any TensorSource

    private static let architectureKey: ByteString = "general.architecture"
    private static let projectorArchitecture: ByteString = "clip"
    private static let widthKey: ByteString = "clip.vision.projection_dim"
    /// Of files that llama.cpp's converter of LLaVA's towers wrote.
    private static let legacyKey: ByteString = "clip.has_llava_projector"
    private static let nameKey: ByteString = "general.name"
    /// Projectors for which the key holds the width of CLIP's own projection.
    private static let kindsOfOtherWidth: Set<ByteString> = ["mlp", "mlp_norm", "ldp", "ldpv2", "adapter", "resampler"]
    /// What names the model in the keys that llama.cpp's converter writes into both files.
    private static let identityKeys: [ByteString] = [
        "general.name", "general.basename", "general.repo_url", "general.source.url", "general.source.repo_url",
        "general.base_model.0.repo_url",
    ]

    /// Whether the file says that it holds a vision tower and connector.
    static func isProjector(_ source: any TensorSource) -> Bool {
        source.metadata[architectureKey]?.string == projectorArchitecture
    }

    /// The first rule that is broken.
    var violation: GGUFPairError.Reason? {
        guard text.format == "gguf", projector.format == "gguf" else { return .notGGUF }
        let (textKeys, keys) = (text.metadata, projector.metadata)
        let architecture = textKeys[Self.architectureKey]?.string
        guard keys[Self.architectureKey]?.string == Self.projectorArchitecture else {
            return .notAProjector(architecture: keys[Self.architectureKey]?.string)
        }
        guard let architecture, architecture != Self.projectorArchitecture else {
            return .notAText(architecture: architecture)
        }
        let widthOfText = textKeys[ByteString(architecture.bytes + Array(".embedding_length".utf8))]?.integer
        if let widthOfText, let width = keys[Self.widthKey]?.integer, width != widthOfText,
            !Self.kindsOfOtherWidth.contains(keys.ggufProjectorType ?? "")
        {
            return .widths(text: widthOfText, projector: width)
        }
        for key in Self.identityKeys {
            // The converter of LLaVA's towers writes the name of the tower's folder there.
            if key == Self.nameKey, keys[Self.legacyKey] == true { continue }
            guard let one = textKeys[key]?.string, let other = keys[key]?.string else { continue }
            if Self.plain(one) != Self.plain(other) { return .identities(key: key, text: one, projector: other) }
        }
        let names = Set(text.tensors.map(\.name))
        return projector.tensors.first { names.contains($0.name) }.map { .duplicateTensor($0.name) }
    }

    /// A name without what differs between two files of one model: case, punctuation and the word mmproj.
    private static func plain(_ name: ByteString) -> String {
        let letters = name.string.lowercased().unicodeScalars.filter(\.properties.isAlphanumeric)
        return String(String.UnicodeScalarView(letters)).replacing("mmproj", with: "")
    }
}

extension Unicode.Scalar.Properties {
    fileprivate var isAlphanumeric: Bool { isAlphabetic || numericType != nil }
}
