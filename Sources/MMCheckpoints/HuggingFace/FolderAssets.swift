internal import MMBytes
internal import MMStorage
internal import MMTensors

/// The small files of a folder, sorted into those that travel with the weights and those that do not.
struct FolderAssets {
    let assets: [Asset]
    let ignoredFiles: [IgnoredFile]

    static let configurationName = "config.json"
    /// Most bytes of one file: twice the largest tokenizer.json met.
    static let fileByteLimit = 67_108_864
    /// Most bytes of all files together.
    static let totalByteLimit = 134_217_728

    private static let suffixes: [ByteString] = [".json", ".txt", ".model", ".jinja", ".md", ".tiktoken"]
    private static let prefixes: [ByteString] = ["LICENSE", "LICENCE", "NOTICE"]

    /// Reads the files called `names`, which are sorted; throws `FileError` or `HuggingFaceError`.
    init(_ names: [ByteString], in folder: any InputFolder) throws {
        var assets: [Asset] = []
        var ignored: [IgnoredFile] = []
        var byteCount = 0
        for name in names {
            if let reason = Self.reasonToIgnore(name) {
                ignored.append(IgnoredFile(name: name, reason: reason))
                continue
            }
            guard let file = try Self.regularFile(name, in: folder) else {
                ignored.append(IgnoredFile(name: name, reason: .notRegularFile))
                continue
            }
            guard file.byteCount <= Self.fileByteLimit else {
                let reason = IgnoredFile.Reason.tooLarge(byteCount: file.byteCount, allowed: Self.fileByteLimit)
                ignored.append(IgnoredFile(name: name, reason: reason))
                continue
            }
            byteCount += file.byteCount
            guard byteCount <= Self.totalByteLimit else {
                throw HuggingFaceError(.assetsTooLarge(allowed: Self.totalByteLimit), path: folder.path)
            }
            assets.append(Asset(name: name.string, bytes: try file.bytes(at: 0, byteCount: file.byteCount)))
        }
        self.assets = assets
        ignoredFiles = ignored
    }

    /// The file called `name`; nil where it is no regular one.
    private static func regularFile(_ name: ByteString, in folder: any InputFolder) throws -> InputFile? {
        do {
            return try folder.file(name)
        } catch let error where error.reason == .notRegularFile {
            return nil
        }
    }

    /// Why a file of this name does not travel; nil where it does.
    private static func reasonToIgnore(_ name: ByteString) -> IgnoredFile.Reason? {
        if name.hasPrefix(".") { return .hidden }
        if name == HuggingFaceIndex.fileName { return .index }
        // What `export` writes for a model that came from GGUF: its tokenizer is in there.
        if name == ByteString(Asset.ggufMetadataName) || name == ByteString(Asset.ggufProjectorMetadataName) {
            return nil
        }
        if name.hasSuffix(".safetensors") { return .notInIndex }
        guard AnchoredDirectory.isPlainName(name), !name.hasSuffix(".index.json") else { return .otherKind }
        let travels = suffixes.contains { name.hasSuffix($0) } || prefixes.contains { name.hasPrefix($0) }
        return travels ? nil : .otherKind
    }
}
