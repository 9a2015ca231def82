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
        let norms = try HuggingFaceNorms(source.mapped)
        let tensors: any TensorSource = try type.map { try QuantizedSource(norms, cast: $0) } ?? norms
        let laidOut = try layout(source, types: tensors)
        let writer = try SafetensorsWriter(laidOut.tensors, shardByteCount: Self.shardByteCount)
        let made = try ExportedFiles(source, types: laidOut.tensors.map(\.type))
        let assets = made.assets + (try source.mapped.assets)
        let weights = writer.shards.map(\.fileName) + [SafetensorsWriter.indexFileName]
        if let asset = assets.first(where: { weights.contains($0.name) }) {
            throw ToolchainError(.assetCollides(ByteString(asset.name)), path: bundlePath)
        }
        try checkAbsence(of: assets)
        let isNewFolder = try FileSystem.createFolder(folder)
        do {
            let files = try write(writer, beside: assets, of: source, progress: progress) {
                index,
                offset,
                destination in
                try laidOut.read(index, at: offset, into: &destination)
            }
            return ExportReport(
                folder: folder,
                files: files + assets.map(\.name),
                tensorCount: laidOut.tensors.count,
                byteCount: writer.tensorByteCount,
                notes: made.notes + (try roundingNotes(norms, written: tensors))
            )
        } catch {
            if isNewFolder { FileSystem.removeEmptyFolder(folder) }
            throw error
        }
    }

    /// Weights and assets appear together, or none of them.
    private func write(
        _ writer: SafetensorsWriter,
        beside assets: [Asset],
        of source: ModelSource,
        progress: @escaping ProgressHandler,
        reading: @escaping SafetensorsWriter.Reading
    ) throws -> [String] {
        let total = writer.tensorByteCount
        var done = 0
        return try writer.write(
            to: folder,
            beside: try assets.map { try written($0) },
            replacing: isReplacing,
            width: width,
            progress: { byteCount in
                done += byteCount
                progress(JobProgress(stage: "export", done: done, total: total))
            },
            beforeCommit: {
                for file in source.mapped.files { try file.file.checkUnchanged() }
            },
            reading: reading
        )
    }

    /// A file that has no name yet.
    private func written(_ asset: Asset) throws -> AtomicOutput {
        let output = try AtomicOutput(path: FileSystem.path(of: asset.name, in: folder))
        // UInt8 has no padding.
        try output.write(unsafe asset.bytes.span.bytes, at: 0)
        return output
    }

    /// The tensors as they lay in a safetensors source, else as Hugging Face's usual layout has them.
    private func layout(_ source: ModelSource, types: any TensorSource) throws -> RearrangedSource {
        if let tensor = types.tensors.first(where: { $0.type.isQuantized }) {
            throw ToolchainError(.blockType(tensor: tensor.name, type: tensor.type.rawValue), path: bundlePath)
        }
        let claims =
            source.sourceFormat == "safetensors" ? try recordedClaims(source) : try source.mapped.huggingFaceClaims()
        return try RearrangedSource(types, claims: claims)
    }

    /// The claims of the bundle's ledger; each of its tensors has one.
    private func recordedClaims(_ source: ModelSource) throws -> [CoverageLedger.Claim] {
        let recorded = source.ledger["claimed"]?.elements ?? []
        let claims = recorded.compactMap { CoverageLedger.Claim($0) }
        let named = Set(claims.map(\.name))
        guard claims.count == recorded.count, source.mapped.tensors.allSatisfy({ named.contains($0.name) }) else {
            throw ToolchainError(.badLedger, path: bundlePath)
        }
        return claims
    }

    /// What to know of norms that have another convention in transformers, where their type cannot hold them exactly.
    private func roundingNotes(_ norms: HuggingFaceNorms, written: any TensorSource) throws -> [String] {
        var (roundedCount, elementCount) = (0, 0)
        for (index, shift) in norms.shifts {
            let stored = try floats(of: index, in: norms.base)
            let kept = try floats(of: index, in: written)
            elementCount += stored.count
            roundedCount += zip(stored, kept).count { $0 != $1 - shift }
        }
        guard roundedCount > 0 else { return [] }
        return [
            "\(roundedCount) of \(elementCount) weights of norms are rounded: transformers adds one to what it reads, "
                + "and the type cannot hold them less one exactly"
        ]
    }

    private func floats(of index: Int, in source: any TensorSource) throws -> [Float] {
        let tensor = source.tensors[index]
        let bytes = try source.load(index)
        var floats = [Float](repeating: 0, count: tensor.shape.elementCount)
        var span = floats.mutableSpan
        // A norm has one row, of a type without blocks.
        tensor.type.decode(bytes.bytes, into: &span)
        return floats
    }

    /// Before gigabytes are written, not after.
    private func checkAbsence(of assets: [Asset]) throws {
        guard !isReplacing else { return }
        for path in assets.map({ FileSystem.path(of: $0.name, in: folder) }) where FileSystem.exists(path) {
            throw FileError(.exists, path: path)
        }
    }
}
