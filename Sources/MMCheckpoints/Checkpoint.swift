internal import MMBytes
internal import MMStorage
package import MMTensors

/// Foreign checkpoints, opened by what they are rather than by what they are called.
package enum Checkpoint {
    /// Opens a Hugging Face folder, a `.safetensors` file, or a GGUF file with the split set that it may be part of.
    ///
    /// Throws `CheckpointError` with the kind for a file of another format; a caller that knows further formats looks
    /// at `FileKind` first. Throws the format's own error for what its format does not allow.
    package static func open(_ path: String) throws -> any TensorSource {
        // What is no folder is told by the error of opening it as a file.
        if let folder = try? AnchoredDirectory(path: path) { return try HuggingFaceFolder(folder) }
        let file = try InputFile(path: path)
        let kind = try FileKind(file)
        switch kind {
        case .gguf: return try GGUFSplitSet.open(file)
        case .safetensors: return try SafetensorsFile(file)
        case .unknown, .empty:
            if path.hasSuffix(".safetensors") { return try SafetensorsFile(file) }
            if path.hasSuffix(".gguf") { return try GGUFFile(file) }
            throw CheckpointError(kind, path: path)
        default: throw CheckpointError(kind, path: path)
        }
    }

    /// The last component of a path.
    static func fileName(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    /// The path without its last component.
    static func folder(of path: String) -> String {
        guard let separator = path.lastIndex(of: "/") else { return "." }
        return separator == path.startIndex ? "/" : String(path[..<separator])
    }
}
