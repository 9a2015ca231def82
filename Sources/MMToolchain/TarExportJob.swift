internal import MMArchitectures
internal import MMArchives
internal import MMBundles
internal import MMBytes
internal import MMStorage
internal import MMTensors

/// export tar: all parts of a bundle in one deterministic tar archive, which opens as the bundle.
package struct TarExportJob: Sendable {
    private let bundlePath: String
    private let outputPath: String
    private let isReplacing: Bool
    /// SOURCE_DATE_EPOCH: the time of every member; 0 without it.
    private let sourceDateEpoch: Int?
    private let width: Int

    /// Where a part begins in the archive: at a page of any machine, as its own tensors do in the part.
    private static let alignment = 16_384
    private static let sliceByteCount = 4 << 20

    package init(bundlePath: String, outputPath: String, isReplacing: Bool, sourceDateEpoch: Int?, width: Int) {
        self.bundlePath = bundlePath
        self.outputPath = outputPath
        self.isReplacing = isReplacing
        self.sourceDateEpoch = sourceDateEpoch
        self.width = width
    }

    package func run(progress: @escaping ProgressHandler) throws -> TarExportReport {
        let source = try ModelSource.openBundle(path: bundlePath)
        try FileSystem.checkTarget(outputPath)
        if !isReplacing, FileSystem.exists(outputPath) { throw FileError(.exists, path: outputPath) }
        let files = source.mapped.files.sorted { ByteString($0.name) < ByteString($1.name) }
        let layout = TarLayout(
            files.map { TarMember(name: ByteString($0.name), byteCount: $0.byteCount) },
            alignment: Self.alignment,
            modified: sourceDateEpoch ?? 0
        )
        guard let layout else { throw ToolchainError(.tooLargeForArchive, path: bundlePath) }
        try AtomicOutput.checkSpace(for: layout.byteCount, at: outputPath)
        let output = try AtomicOutput(path: outputPath)
        try write(files, layout, to: output, progress: progress)
        for file in files { try file.file.checkUnchanged() }
        try output.commit(replacing: isReplacing)
        return TarExportReport(
            path: outputPath,
            files: layout.members.map {
                .init(name: $0.member.name.string, offset: $0.dataOffset, byteCount: $0.member.byteCount)
            },
            byteCount: layout.byteCount
        )
    }

    /// A slice of a file.
    private struct Slice {
        let file: Int
        let offset: Int
        let byteCount: Int
    }

    private func write(
        _ files: [SourceFile],
        _ layout: TarLayout,
        to output: AtomicOutput,
        progress: @escaping ProgressHandler
    ) throws {
        let slices = files.indices.flatMap { index in
            stride(from: 0, to: files[index].byteCount, by: Self.sliceByteCount).map { offset in
                let byteCount = min(Self.sliceByteCount, files[index].byteCount - offset)
                return Slice(file: index, offset: offset, byteCount: byteCount)
            }
        }
        for member in layout.members {
            // The bytes of an array are its elements.
            try output.write(unsafe member.header.span.bytes, at: member.headerOffset)
        }
        let total = files.reduce(0) { $0 + $1.byteCount }
        var done = 0
        try OrderedPipeline.run(
            count: slices.count,
            width: width,
            scratch: { PageBuffer(capacity: Self.sliceByteCount) },
            make: { index, buffer in
                let slice = slices[index]
                var bytes = buffer.mutableBytes(slice.byteCount)
                try files[slice.file].file.read(at: slice.offset, into: &bytes)
            },
            consume: { index, buffer in
                let slice = slices[index]
                let offset = layout.members[slice.file].dataOffset + slice.offset
                try output.write(buffer.bytes(slice.byteCount), at: offset)
                output.startWriteback(at: offset, byteCount: slice.byteCount)
                done += slice.byteCount
                progress(JobProgress(stage: "export", done: done, total: total))
            }
        )
        try output.setByteCount(layout.byteCount)
    }
}
