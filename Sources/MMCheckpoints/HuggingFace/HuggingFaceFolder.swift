package import MMBytes
package import MMStorage
package import MMTensors

/// A folder as Hugging Face lays checkpoints out: `config.json`, one or more `.safetensors` files, and the tokenizer
/// and other small files beside them.
///
/// Tensors come shard by shard in the order of the shards' names, within a shard in the order of their bytes.
package struct HuggingFaceFolder: TensorSource {
    package let configuration: ModelConfiguration
    package let metadata: JSONValue
    package let assets: [Asset]
    package let files: [SourceFile]
    /// What else is in the folder, sorted by name.
    package let ignoredFiles: [IgnoredFile]
    private let shards: ConcatenatedTensors<SafetensorsFile>

    private static let weightsSuffix: ByteString = ".safetensors"
    private static let singleName: ByteString = "model.safetensors"

    /// Opens the folder, checks every header and the index, and reads the small files.
    ///
    /// Throws `HuggingFaceError`, `SafetensorsError`, `ParseError` (config.json) or `FileError`.
    package init(path: String) throws {
        try self.init(AnchoredDirectory(path: path))
    }

    package init(_ folder: any InputFolder) throws {
        let names = try folder.names()
        let index =
            try names.contains(HuggingFaceIndex.fileName)
            ? HuggingFaceIndex(folder.file(HuggingFaceIndex.fileName)) : nil
        let shardNames = try index?.shardNames ?? Self.withoutIndex(names, in: folder)
        AnchoredDirectory.prepareToOpen(fileCount: shardNames.count)
        let shards = try shardNames.map { try Self.shard($0, in: folder, isNamed: index != nil) }
        try index?.check(shards)
        self.shards = ConcatenatedTensors(shards)
        files = shards.flatMap(\.files)
        metadata = Self.merged(shards)
        let beside = try FolderAssets(names.filter { !shardNames.contains($0) }, in: folder)
        assets = beside.assets
        ignoredFiles = beside.ignoredFiles
        configuration = try Self.configuration(beside.assets, in: folder)
    }

    /// The one file that holds the weights of a folder without an index.
    static func withoutIndex(_ names: [ByteString], in folder: any InputFolder) throws -> [ByteString] {
        let candidates = names.filter { $0.hasSuffix(weightsSuffix) }
        if candidates.contains(singleName) { return [singleName] }
        guard candidates.count <= 1 else {
            throw HuggingFaceError(.severalFilesWithoutIndex(count: candidates.count), path: folder.path)
        }
        guard let only = candidates.first else {
            let suffixes: [ByteString] = [".gguf", ".bin", ".pt", ".pth", ".npz", ".h5", ".msgpack", ".onnx"]
            let other = names.first { name in suffixes.contains { name.hasSuffix($0) } }
            throw HuggingFaceError(.noWeights(otherWeights: other), path: folder.path)
        }
        return [only]
    }

    private static func shard(
        _ name: ByteString,
        in folder: any InputFolder,
        isNamed: Bool
    ) throws -> SafetensorsFile {
        do {
            return try SafetensorsFile(folder.file(name))
        } catch let error as FileError where isNamed {
            if error.category == .missingInput { throw HuggingFaceError(.shardMissing(name), path: folder.path) }
            if error.reason == .notRegularFile { throw HuggingFaceError(.shardNotFile(name), path: folder.path) }
            throw error
        }
    }

    /// The free metadata that all shards that have any agree on.
    private static func merged(_ shards: [SafetensorsFile]) -> JSONValue {
        let all = shards.compactMap(\.metadata.members).filter { !$0.isEmpty }
        guard let first = all.first else { return .object([]) }
        let common = all.dropFirst().reduce(Set(first)) { $0.intersection($1) }
        return .object(first.filter { common.contains($0) })
    }

    static func configuration(_ assets: [Asset], in folder: any InputFolder) throws -> ModelConfiguration {
        guard let asset = assets.first(where: { $0.name == FolderAssets.configurationName }) else { return .none }
        let path = folder.path(of: ByteString(asset.name))
        let document: JSONValue
        do {
            document = try JSONValue(parsing: asset.bytes)
        } catch {
            throw error.inFile(path)
        }
        guard document.members != nil else { throw HuggingFaceError(.configurationNotObject, path: path) }
        return .huggingFace(document)
    }

    package var format: String { "safetensors" }
    package var tensors: [TensorDescriptor] { shards.tensors }

    package func read(_ index: Int, at offset: Int, into destination: inout MutableRawSpan) throws {
        try shards.read(index, at: offset, into: &destination)
    }

    package func load(_ index: Int) throws -> TensorBytes {
        try shards.load(index)
    }

    package func extent(_ index: Int) -> FileExtent? {
        shards.extent(index)
    }
}
