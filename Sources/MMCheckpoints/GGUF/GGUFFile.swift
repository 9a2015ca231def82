package import MMBytes
package import MMStorage
package import MMTensors

/// One GGUF file: tensors in the order of their infos, which is that of their bytes; shapes outermost first.
package struct GGUFFile: TensorSource {
    package let tensors: [TensorDescriptor]
    package let keyValues: GGUFMetadata
    package let metadata: JSONValue
    package let assets: [Asset]
    package let files: [SourceFile]
    private let stored: StoredTensors

    /// Opens the file and checks its header, extents and padding; throws `GGUFError` or `FileError`.
    package init(path: String) throws {
        try self.init(InputFile(path: path))
    }

    /// Checks an open file; throws `GGUFError` or `FileError`.
    package init(_ file: InputFile) throws {
        let header = try GGUFHeader(file)
        let layout = try GGUFLayout(header, of: file)
        tensors = header.infos.map(\.descriptor)
        keyValues = header.metadata
        metadata = header.metadata.asJSON
        assets = [Asset(name: Asset.ggufMetadataName, bytes: header.metadataSection)]
        files = [SourceFile(name: FileSystem.name(of: file.path), file: file)]
        stored = StoredTensors(file: file, offsets: layout.offsets)
    }

    package var format: String { "gguf" }
    package var configuration: ModelConfiguration { .gguf(metadata) }

    package func read(_ index: Int, at offset: Int, into destination: inout MutableRawSpan) throws {
        try stored.read(index, at: offset, into: &destination)
    }

    package func load(_ index: Int) throws -> TensorBytes {
        try stored.view(index, of: tensors[index]) ?? TensorBytes.reading(index, of: self)
    }

    package func extent(_ index: Int) -> FileExtent? {
        stored.extent(index, of: tensors[index])
    }
}
