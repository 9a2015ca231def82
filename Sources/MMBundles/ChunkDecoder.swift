internal import MMBytes
internal import MMCodecs
internal import MMStorage

/// Reads and decodes one chunk of a compact tensor at a time, and keeps the last one.
///
/// Not synchronised: the pool lends it to one thread at a time.
final class ChunkDecoder: @unchecked Sendable {
    /// Part and row of the chunk that `logical` holds.
    struct Key: Hashable {
        let part: Int
        let row: Int
    }

    private let stored = PageBuffer(capacity: BundleFormat.chunkByteCount)
    private let logical = PageBuffer(capacity: BundleFormat.chunkByteCount)
    private let codecs: ChunkCodecs
    private(set) var key: Key?

    init() throws(CodecError) {
        codecs = try ChunkCodecs()
    }

    /// Decodes the chunk of `row`, which layout has checked, into `destination` of its logical length.
    func decode(
        _ row: ChunkRow,
        key: Key,
        form: ChunkForm,
        file: BundleFile,
        into destination: inout MutableRawSpan
    ) throws {
        let buffer = stored
        var bytes = buffer.mutableBytes(row.storedByteCount)
        try file.file.read(at: row.offset, into: &bytes)
        guard XXH3.hash(bytes.bytes) == row.xxh3 else {
            throw BundleError(.damagedChunk(row: key.row), path: file.path)
        }
        try Self.decode(bytes.bytes, row, key: key, form: form, codecs: codecs, path: file.path, into: &destination)
    }

    /// The whole chunk, from the last decoding where that was of the same one.
    func logicalBytes(
        of row: ChunkRow,
        key: Key,
        form: ChunkForm,
        file: BundleFile
    ) throws -> PageBuffer {
        let buffer = logical
        guard self.key != key else { return buffer }
        self.key = nil
        var destination = buffer.mutableBytes(row.logicalByteCount)
        try decode(row, key: key, form: form, file: file, into: &destination)
        self.key = key
        return buffer
    }

    /// Decodes stored bytes that have been checked.
    static func decode(
        _ stored: RawSpan,
        _ row: ChunkRow,
        key: Key,
        form: ChunkForm,
        codecs: ChunkCodecs,
        path: String,
        into destination: inout MutableRawSpan
    ) throws(BundleError) {
        do throws(CodecError) {
            try codecs.decode(stored, row.encoding, form: form, into: &destination)
        } catch {
            throw BundleError(.undecodableChunk(error, row: key.row), path: path)
        }
    }
}
