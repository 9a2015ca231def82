package import MMArchitectures
package import MMBundles
internal import MMBytes
internal import MMCheckpoints
internal import MMStorage
internal import MMTensors

/// Anything that weights can come from, opened and presented in bundle terms.
package struct ModelSource: Sendable {
    package let path: String
    /// The tensors under their bundle names, in execution order.
    package let mapped: MappedSource
    /// The bundle itself, where the source is one.
    package let bundle: Bundle?

    /// Opens a .safetensors file, a Hugging Face folder, a .gguf (single or split), or a bundle.
    package init(path: String) throws {
        if try Bundle.isBundle(path: path) {
            try self.init(bundle: try Bundle.open(path), path: path)
        } else {
            self.path = path
            mapped = try MappedSource.resolve(try Checkpoint.open(path))
            bundle = nil
        }
    }

    /// Presents an open bundle, which need not have its final name yet.
    package init(bundle: Bundle, path: String) throws {
        self.path = path
        self.bundle = bundle
        mapped = try MappedSource.resolve(bundle)
    }

    /// What the tensors are called and stored as outside mmpack: for `inspect`.
    package static func openUnmapped(path: String) throws -> any TensorSource {
        try Bundle.isBundle(path: path) ? try Bundle.open(path) : try Checkpoint.open(path)
    }

    /// Bytes of all files that the weights are read from.
    package var byteCount: Int { mapped.files.reduce(0) { $0 + $1.byteCount } }
}
