package import MMArchives
internal import MMBytes
internal import MMStorage
package import MMTensors

/// Foreign checkpoints, opened by what they are rather than by what they are called.
package enum Checkpoint {
    /// Opens a Hugging Face folder, a `.safetensors` file, a GGUF file with the split set that it may be part of, or an
    /// archive of them.
    ///
    /// Throws `CheckpointError` with the kind for a file of another format; a caller that knows further formats looks
    /// at `FileKind` first. Throws the format's own error for what its format does not allow, and `ArchiveError`.
    package static func open(_ path: String) throws -> any TensorSource {
        // What is no folder is told by the error of opening it as a file.
        if let folder = try? AnchoredDirectory(path: path) { return try HuggingFaceFolder(folder) }
        let file = try InputFile(path: path)
        let kind = try FileKind(file)
        if let archive = try archive(file, kind) { return try open(archive) }
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

    /// The archive at `path`; nil for a folder, for nothing, and for a file of another kind.
    ///
    /// Throws as `Archive.init`.
    package static func archive(at path: String) throws -> Archive? {
        guard let file = try? InputFile(path: path) else { return nil }
        return try archive(file, try FileKind(file))
    }

    private static func archive(_ file: InputFile, _ kind: FileKind) throws -> Archive? {
        try kind.archiveKind(named: file.path).map { try Archive(file, kind: $0) }
    }
}
