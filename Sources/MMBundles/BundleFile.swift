internal import MMBytes
internal import MMCodecs
internal import MMStorage

/// One file of an open bundle: its header page has been checked.
struct BundleFile: Sendable {
    let file: InputFile
    let header: PartHeader

    var path: String { file.path }

    init(path: String) throws {
        try self.init(InputFile(path: path))
    }

    init(_ file: InputFile) throws {
        self.file = file
        let path = file.path
        let page = try file.bytes(at: 0, byteCount: min(file.byteCount, BundleFormat.headerByteCount))
        guard page.starts(with: BundleFormat.magic) else { throw BundleError(.notABundle, path: path) }
        guard page.count == BundleFormat.headerByteCount else {
            throw BundleError(
                .wrongByteCount(found: page.count, stated: UInt64(BundleFormat.headerByteCount)),
                path: path
            )
        }
        header = try PartHeader(parsing: page, fileByteCount: file.byteCount, path: path)
    }

    /// The chunk table, proven by its digest.
    func chunkTable() throws -> ChunkTable {
        let bytes = try file.bytes(at: header.chunkTableOffset, byteCount: header.chunkTableByteCount)
        guard SHA256Digest(of: bytes) == header.chunkTableDigest else {
            throw BundleError(.damagedChunkTable, path: path)
        }
        return ChunkTable(bytes, part: path)
    }

    /// The manifest, proven by the identity. Part 1 only.
    func manifest() throws -> BundleManifest {
        let bytes = try file.bytes(at: header.manifestOffset, byteCount: header.manifestByteCount)
        guard SHA256Digest(of: bytes) == header.identity else { throw BundleError(.damagedManifest, path: path) }
        do throws(BundleError) {
            return try BundleManifest(parsing: bytes)
        } catch {
            throw BundleError(error.reason, path: path, subject: error.subject)
        }
    }
}
