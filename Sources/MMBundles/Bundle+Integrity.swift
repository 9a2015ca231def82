internal import MMBytes
internal import MMCodecs
internal import MMStorage
internal import MMTensors
internal import Synchronization

extension Bundle {
    /// Proves every byte of every file: header pages, manifest, chunk tables, the checksums of all stored bytes, the
    /// digests of all tensors and assets, and that what lies between is zero.
    ///
    /// `width` threads verify whole tensors; each takes a few MiB. `progress` is called from them, one at a time.
    /// Throws the defect that comes first in the order of the files: `BundleError`, or `FileError` when reading fails.
    public func verifyIntegrity(
        width: Int,
        progress: @escaping @Sendable (BundleProgress) -> Void = { _ in }
    ) throws -> IntegrityReport {
        try verifyFrames()
        let count = IntegrityCount(total: tensors.reduce(0) { $0.adding($1.byteCount) ?? .max }, report: progress)
        let spaces = Mutex<[IntegritySpace]>([])
        try OrderedPipeline.run(
            count: tensors.count,
            width: width,
            ahead: Self.tensorsAhead,
            scratch: {},
            make: { [self] index, _ in
                let space = try spaces.withLock { $0.popLast() } ?? IntegritySpace()
                try verify(index, space: space, count: count)
                spaces.withLock { $0.append(space) }
            },
            consume: { _, _ in }
        )
        try verifyAssets(space: try IntegritySpace())
        for part in parts { try part.file.checkUnchanged() }
        return IntegrityReport(
            identity: manifest.identity,
            partCount: parts.count,
            tensorCount: tensors.count,
            chunkCount: manifest.parts.reduce(0) { $0 + $1.chunkCount },
            assetCount: manifest.assets.count,
            byteCount: parts.reduce(0) { $0 + $1.file.byteCount },
            logicalByteCount: count.logicalByteCount
        )
    }

    /// How far the others may go on while one thread has a large tensor; a slot without space costs little.
    private static let tensorsAhead = 1_024

    /// Everything but the chunks: read again, since open may be long ago.
    private func verifyFrames() throws {
        let space = try IntegritySpace()
        for (index, part) in parts.enumerated() {
            let page = try part.file.bytes(at: 0, byteCount: BundleFormat.headerByteCount)
            guard
                try PartHeader(parsing: page, fileByteCount: part.file.byteCount, path: part.path) == part.header
            else { throw BundleError(.damagedHeader, path: part.path) }
            let table = try part.chunkTable()
            let end = table.count == 0 ? BundleFormat.headerByteCount : try table.row(table.count - 1).end
            try space.checkZeros(end..<part.header.chunkTableOffset, of: part)
            guard index == 0 else { continue }
            guard try part.manifest().identity == manifest.identity else {
                throw BundleError(.damagedManifest, path: part.path)
            }
            let tableEnd = part.header.chunkTableOffset + part.header.chunkTableByteCount
            try space.checkZeros(tableEnd..<part.header.manifestOffset, of: part)
        }
    }

    /// One tensor: its chunks, the zeros before each, its digest.
    private func verify(_ index: Int, space: IntegritySpace, count: IntegrityCount) throws {
        let tensor = manifest.tensors[index]
        let first = tables.number(ofRow: tensor.firstChunk, inPart: tensor.part)
        var cursor = ChunkTables.Cursor()
        var hasher = SHA256Hasher()
        var previous = first > 0 ? try tables.chunk(first - 1, &cursor) : nil
        for number in first..<first + tensor.chunkCount {
            let chunk = try tables.chunk(number, &cursor)
            try space.checkZeros(before: chunk, after: previous)
            try space.check(chunk, of: tensor, hasher: &hasher)
            count.add(logical: chunk.row.logicalByteCount, stored: chunk.row.storedByteCount, tensor: tensor.name)
            previous = chunk
        }
        guard hasher.finalize() == tensor.digest else {
            throw BundleError(.wrongDigest, path: parts[tensor.part - 1].path, subject: tensor.name)
        }
    }

    private func verifyAssets(space: IntegritySpace) throws {
        var cursor = ChunkTables.Cursor()
        for asset in manifest.assets {
            let chunk = try tables.chunk(asset.chunk, &cursor)
            let previous = asset.chunk > 0 ? try tables.chunk(asset.chunk - 1, &cursor) : nil
            try space.checkZeros(before: chunk, after: previous)
            try space.checkStored(chunk)
            _ = try self.asset(asset)
        }
    }
}
