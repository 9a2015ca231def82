package import MMBytes

/// A file that is not a checkpoint of a format that is read.
package struct CheckpointError: DiagnosedError {
    package let kind: FileKind
    package let path: String

    @inline(never)
    package init(_ kind: FileKind, path: String) {
        self.kind = kind
        self.path = path
    }

    package var category: ErrorCategory { .badData }

    package var description: String {
        "\(ByteString(path)): is \(kind.rawValue); safetensors and GGUF files, Hugging Face folders, and tar and zip archives of them are read"
    }
}
