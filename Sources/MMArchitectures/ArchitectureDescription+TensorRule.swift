internal import MMBytes

extension ArchitectureDescription {
    /// One tensor, or one a layer: its names in the three worlds, its shape and what it does.
    struct TensorRule: Sendable, Hashable {
        var name: NameTemplate
        /// Alternatives, the usual one first; empty where Hugging Face has no such tensor.
        var huggingFace: [TensorOrigin]
        var gguf: [TensorOrigin]
        /// What undoes the way that GGUF stores it.
        var ggufOperation: Operation?
        /// Outermost dimension first.
        var shape: [Expression]
        var role: TensorRole
        var component: Component
        /// The tensor belongs to the model only where this holds.
        var condition: Expression?
        /// The tensor may be missing where this holds.
        var optional: Expression?
        /// What takes its place when it is missing.
        var substitute: Substitute?
    }

    /// A closed, invertible change of a tensor's layout.
    enum Operation: Sendable, Hashable {
        /// Undoes the interleaving of each head's rows for GGML's rotary embedding; the number of heads.
        case ropeUnpermute(headCount: Expression)
    }

    struct Substitute: Sendable, Hashable {
        var tensor: NameTemplate
        var reason: String
    }
}
