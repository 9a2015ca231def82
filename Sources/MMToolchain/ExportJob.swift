internal import MMArchitectures
internal import MMBundles
internal import MMBytes
internal import MMCheckpoints
internal import MMQuantization
internal import MMStorage
package import MMTensors

/// export safetensors: a bundle as a Hugging Face folder.
package struct ExportJob: Sendable {
    private let bundlePath: String
    private let folder: String
    /// Nil keeps every tensor's type.
    private let type: ElementType?
    private let isReplacing: Bool
    private let width: Int

    /// Most bytes of tensors in one file: what transformers writes by default.
    private static let shardByteCount = 5_000_000_000

    package init(bundlePath: String, folder: String, type: ElementType?, isReplacing: Bool, width: Int) {
        self.bundlePath = bundlePath
        self.folder = folder
        self.type = type
        self.isReplacing = isReplacing
        self.width = width
    }

    package func run(progress: @escaping ProgressHandler) throws -> ExportReport {
        let source = try ModelSource(path: bundlePath)
        // What is exported carries no digest any more: the last chance to hold the bundle to its own.
        _ = try source.bundle?.verifyIntegrity(width: width)
        let tensors: any TensorSource = try type.map { try QuantizedSource(source.mapped, cast: $0) } ?? source.mapped
        let named = try descriptors(source, types: tensors)
        let writer = try SafetensorsWriter(named.map(\.descriptor), shardByteCount: Self.shardByteCount)
        let assets = try assets(of: source, types: named.map(\.descriptor.type))
        let weights = writer.shards.map(\.fileName) + [SafetensorsWriter.indexFileName]
        if let asset = assets.first(where: { weights.contains($0.name) }) {
            throw ToolchainError(.assetCollides(ByteString(asset.name)), path: bundlePath)
        }
        try checkAbsence(of: assets)
        let isNewFolder = !FileSystem.exists(folder)
        try FileSystem.createFolder(folder)
        var isWritten = false
        // An empty folder must not look like an export.
        defer { if isNewFolder, !isWritten { FileSystem.removeEmptyFolder(folder) } }
        let total = writer.tensorByteCount
        var done = 0
        let indices = named.map(\.index)
        let files = try writer.write(
            to: folder,
            replacing: isReplacing,
            width: width,
            progress: { byteCount in
                done += byteCount
                progress(JobProgress(stage: "export", done: done, total: total))
            },
            beforeCommit: {
                for file in source.mapped.files { try file.file.checkUnchanged() }
            },
            reading: { index, offset, destination in
                try tensors.read(indices[index], at: offset, into: &destination)
            }
        )
        for asset in assets {
            try AtomicOutput.write(asset.bytes, to: FileSystem.path(of: asset.name, in: folder), replacing: isReplacing)
        }
        isWritten = true
        return ExportReport(
            folder: folder,
            files: files + assets.map(\.name),
            tensorCount: named.count,
            byteCount: total
        )
    }

    /// The tensors under the names that they had in a safetensors source, else under Hugging Face's.
    private func descriptors(
        _ source: ModelSource,
        types: any TensorSource
    ) throws -> [(index: Int, descriptor: TensorDescriptor)] {
        let isSafetensorsBorn = source.sourceFormat == "safetensors"
        return try types.tensors.enumerated().compactMap { index, tensor in
            if tensor.type.isQuantized {
                throw ToolchainError(.blockType(tensor: tensor.name, type: tensor.type.rawValue), path: bundlePath)
            }
            let name =
                isSafetensorsBorn
                ? source.sourceNames[index] : source.mapped.huggingFaceName(forBundleName: tensor.name)
            return name.map { (index, tensor.renamed($0)) }
        }
    }

    /// The bundle's own files, and a config.json where the source had none.
    private func assets(of source: ModelSource, types: [ElementType]) throws -> [Asset] {
        let assets = source.mapped.assets
        guard !assets.contains(where: { $0.name == "config.json" }) else { return assets }
        let counts = Dictionary(grouping: types, by: \.self).mapValues(\.count)
        let usual = counts.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }?.key ?? .f32
        guard let configuration = try source.mapped.huggingFaceConfiguration(type: usual) else { return assets }
        return [Asset(name: "config.json", bytes: configuration.serialized(.pretty) + [0x0A])] + assets
    }

    /// Before gigabytes are written, not after.
    private func checkAbsence(of assets: [Asset]) throws {
        guard !isReplacing else { return }
        for path in assets.map({ FileSystem.path(of: $0.name, in: folder) }) where FileSystem.exists(path) {
            throw FileError(.exists, path: path)
        }
    }
}
