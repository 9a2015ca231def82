package import MMBytes
package import MMStorage
package import MMTensors

/// A `.safetensors` file: tensors in the order of their bytes, empty ones first where several begin together.
package struct SafetensorsFile: TensorSource {
    package let tensors: [TensorDescriptor]
    package let metadata: JSONValue
    package let files: [SourceFile]
    private let stored: StoredTensors

    /// Opens the file and checks its header; throws `SafetensorsError` or `FileError`.
    package init(path: String) throws {
        try self.init(InputFile(path: path))
    }

    /// Checks the header of an open file; throws `SafetensorsError` or `FileError`.
    package init(_ file: InputFile) throws {
        let header = try SafetensorsHeader(file)
        tensors = header.entries.map(\.descriptor)
        metadata = .object(header.metadata)
        files = [SourceFile(name: FileSystem.name(of: file.path), file: file)]
        stored = StoredTensors(file: file, offsets: header.offsets)
    }

    package var format: String { "safetensors" }
    package var configuration: ModelConfiguration { .none }
    package var assets: [Asset] { [] }

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
