package import MMArchitectures
package import MMArchives
package import MMBundles
package import MMBytes
internal import MMCheckpoints
internal import MMStorage
package import MMTensors

/// Anything that weights can come from, opened and presented in bundle terms.
package struct ModelSource: Sendable {
    package let path: String
    /// The tensors under their bundle names, in execution order.
    package private(set) var mapped: MappedSource
    /// The bundle itself, where the source is one.
    package let bundle: Bundle?
    /// The archive that the source lies in, where it does.
    package let archive: Archive?
    /// What became of the config.json beside a lone file.
    private let configurationNote: String?

    /// Opens a .safetensors file, a Hugging Face folder, a .gguf (single or split), a bundle, or an archive of one.
    ///
    /// - Parameters:
    ///   - projectorPath: the file of vision tower and connector beside a GGUF file of text. Throws where the two are not
    ///     of one model.
    ///   - access: how tensors come into memory; of anything but a bundle `isMapping` alone matters.
    package init(path: String, projectorPath: String? = nil, access: BundleAccess = BundleAccess()) throws {
        let opened = try Self.open(path: path, projectorPath: projectorPath, access: access)
        try self.init(opened.source, path: path, projectorPath: projectorPath, archive: opened.archive)
        // A bundle decides for itself, by how it was opened.
        mapped.isLending = access.isMapping || bundle != nil
    }

    /// Presents what `open` gave.
    package init(
        _ source: any TensorSource,
        path: String,
        projectorPath: String? = nil,
        archive: Archive? = nil
    ) throws {
        self.path = path
        self.archive = archive
        bundle = source as? Bundle
        do {
            (mapped, configurationNote) = try Self.resolve(source, path: path)
        } catch let error as ArchitectureError {
            guard let projectorPath else { throw error }
            throw ToolchainError(.notOneModel(projectorPath: projectorPath, why: error.description), path: path)
        }
        archive?.plan(mapped.extents.map { ($0.file, $0.range) })
    }

    /// Presents an open bundle, which need not have its final name yet.
    package init(bundle: Bundle, path: String) throws {
        self.path = path
        self.bundle = bundle
        archive = nil
        mapped = try MappedSource.resolve(bundle)
        configurationNote = nil
    }

    /// A lone .safetensors file says nothing of its model; the config.json beside it may, if it fits.
    private static func resolve(
        _ source: any TensorSource,
        path: String
    ) throws -> (mapped: MappedSource, configurationNote: String?) {
        let beside = FileSystem.path(of: "config.json", in: FileSystem.folder(of: path))
        guard let file = source as? SafetensorsFile, FileSystem.exists(beside) else {
            return (try MappedSource.resolve(source), nil)
        }
        let shown = ByteString(beside).description
        do {
            if let configured = try ConfiguredFile(file) {
                return (
                    try MappedSource.resolve(configured),
                    "\(shown) says which model this is; other files beside it, such as a tokenizer, travel with the folder only"
                )
            }
        } catch let error as any DiagnosedError {
            return (try MappedSource.resolve(source), "\(shown) was not used: \(error)")
        }
        return (try MappedSource.resolve(source), "\(shown) was not used: the folder has other weights too")
    }

    /// What the tensors are called and stored as outside mmpack: for `inspect`.
    package static func openUnmapped(path: String) throws -> any TensorSource { try open(path: path).source }

    /// The same, and the archive that it lies in.
    package static func open(
        path: String,
        projectorPath: String? = nil,
        access: BundleAccess = BundleAccess()
    ) throws -> (source: any TensorSource, archive: Archive?) {
        let (source, archive) = try openAlone(path: path, access: access)
        guard let projectorPath else { return (source, archive) }
        let pair = try GGUFPair(
            text: source,
            textPath: path,
            projector: try Checkpoint.open(projectorPath),
            projectorPath: projectorPath
        )
        return (pair, archive)
    }

    private static func openAlone(
        path: String,
        access: BundleAccess
    ) throws -> (source: any TensorSource, archive: Archive?) {
        if try Bundle.isBundle(path: path) { return (try Bundle.open(path, access: access), nil) }
        guard let archive = try Checkpoint.archive(at: path) else { return (try Checkpoint.open(path), nil) }
        if let bundle = try Bundle.open(in: archive.folder, access: access) { return (bundle, archive) }
        return (try Checkpoint.open(archive), archive)
    }

    /// Opens a bundle, or an archive that holds one; throws `ToolchainError` for anything else.
    package static func openBundle(path: String, access: BundleAccess = BundleAccess()) throws -> ModelSource {
        if try Bundle.isBundle(path: path) { return try ModelSource(path: path, access: access) }
        _ = try InputFile(path: path)
        guard let archive = try Checkpoint.archive(at: path),
            let bundle = try Bundle.open(in: archive.folder, access: access)
        else { throw ToolchainError(.notABundle, path: path) }
        return try ModelSource(bundle, path: path, archive: archive)
    }

    /// What each tensor was called in the checkpoint that the model came from, in the order of `mapped.tensors`.
    package var sourceNames: [ByteString] {
        bundle?.manifest.tensors.map(\.sourceName) ?? mapped.sourceNames
    }

    /// The format of that checkpoint: "safetensors" or "gguf".
    package var sourceFormat: String {
        guard var provenance = bundle?.manifest.provenance else { return mapped.format }
        while let parent = provenance["parent"] { provenance = parent }
        return provenance["source"]?["format"]?.string?.string ?? mapped.format
    }

    /// How the checkpoint's tensors were accounted for.
    package var ledger: JSONValue { bundle?.manifest.ledger ?? mapped.ledger.json }

    /// What a user should know of the source: files that do not travel, and a folder that would say more.
    package var notes: [String] {
        if let folder = mapped.base as? HuggingFaceFolder {
            return folder.ignoredFiles.filter { $0.reason != .index && $0.reason != .hidden }.map {
                "\($0.name) does not travel: \($0.reason)"
            }
        }
        return configurationNote.map { [$0] } ?? []
    }

    /// Bytes of all files that the weights are read from.
    package var byteCount: Int { mapped.files.reduce(0) { $0 + $1.byteCount } }
}
