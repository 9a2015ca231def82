package import MMBytes
internal import MMStorage
package import MMTensors

/// A `.safetensors` file with the config.json that lies beside it and says which model it is.
package struct ConfiguredFile: TensorSource {
    private let file: SafetensorsFile
    package let configuration: ModelConfiguration
    /// config.json alone: whoever names the file and not the folder means no others.
    package let assets: [Asset]

    /// Nil where there is no config.json, and where it does not speak of this file: the folder's weights are others.
    ///
    /// Throws `FileError`, `ParseError` and `HuggingFaceError` for a config.json that cannot be read.
    package init?(_ file: SafetensorsFile) throws {
        let path = file.files[0].file.path
        let folder = try AnchoredDirectory(path: FileSystem.folder(of: path))
        let names = try folder.names()
        guard names.contains(ByteString(FolderAssets.configurationName)),
            !names.contains(HuggingFaceIndex.fileName),
            try HuggingFaceFolder.withoutIndex(names, in: folder) == [ByteString(FileSystem.name(of: path))]
        else { return nil }
        let beside = try FolderAssets([ByteString(FolderAssets.configurationName)], in: folder)
        self.file = file
        assets = beside.assets
        configuration = try HuggingFaceFolder.configuration(beside.assets, in: folder)
    }

    package var format: String { file.format }
    package var tensors: [TensorDescriptor] { file.tensors }
    package var metadata: JSONValue { file.metadata }
    package var files: [SourceFile] { file.files }

    package func read(_ index: Int, at offset: Int, into destination: inout MutableRawSpan) throws {
        try file.read(index, at: offset, into: &destination)
    }

    package func load(_ index: Int) throws -> TensorBytes {
        try file.load(index)
    }
}
