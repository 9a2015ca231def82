internal import MMBytes
internal import MMCodecs
internal import MMStorage
internal import MMTensors

/// Reads, checks and decodes one chunk of a tensor at a time, and keeps the last one.
///
/// Not synchronised: the pool lends it to one thread at a time.
final class ChunkDecoder: @unchecked Sendable {
    private let stored = PageBuffer(capacity: BundleFormat.chunkByteCount)
    private let logical = PageBuffer(capacity: BundleFormat.chunkByteCount)
    private let codecs: ChunkCodecs
    /// Of the chunk that `logical` holds.
    private(set) var number: Int?

    init() throws(CodecError) {
        codecs = try ChunkCodecs()
    }

    /// Decodes a chunk, which layout has checked, of a tensor of type `type` into `destination` of its logical length.
    func decode(_ chunk: BundleChunk, type: ElementType, into destination: inout MutableRawSpan) throws {
        guard chunk.row.encoding != .raw else { return try chunk.read(into: &destination) }
        let buffer = stored
        var bytes = buffer.mutableBytes(chunk.row.storedByteCount)
        try chunk.read(into: &bytes)
        try Self.decode(bytes.bytes, of: chunk, type: type, codecs: codecs, into: &destination)
    }

    /// The whole chunk, from the last decoding where that was of the same one.
    func logicalBytes(of chunk: BundleChunk, type: ElementType) throws -> PageBuffer {
        let buffer = logical
        guard number != chunk.number else { return buffer }
        number = nil
        var destination = buffer.mutableBytes(chunk.row.logicalByteCount)
        try decode(chunk, type: type, into: &destination)
        number = chunk.number
        return buffer
    }

    /// Decodes stored bytes that have been checked.
    static func decode(
        _ stored: RawSpan,
        of chunk: BundleChunk,
        type: ElementType,
        codecs: ChunkCodecs,
        into destination: inout MutableRawSpan
    ) throws(BundleError) {
        guard let form = ChunkForm(type) else { return destination.copy(stored) }
        do throws(CodecError) {
            try codecs.decode(stored, chunk.row.encoding, form: form, into: &destination)
        } catch {
            throw BundleError(.undecodableChunk(error, row: chunk.index), path: chunk.file.path)
        }
    }
}
