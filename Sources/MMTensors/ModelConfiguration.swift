public import MMBytes

/// What a source knows of the model that its tensors belong to.
public enum ModelConfiguration: Sendable, Hashable {
    /// `config.json` of a Hugging Face folder.
    case huggingFace(JSONValue)
    /// GGUF key-value metadata as an object, keys as in the file.
    case gguf(JSONValue)
    /// The `model` member of a bundle's manifest: architecture id and resolved knobs.
    case bundle(JSONValue)
    case none
}
