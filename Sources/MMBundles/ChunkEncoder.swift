internal import MMBytes
internal import MMCodecs
internal import MMStorage

/// Encodes one chunk of a compact tensor at a time. The bytes depend on the chunk, its form and the profile only.
///
/// Not synchronised: one thread at a time.
final class ChunkEncoder: @unchecked Sendable {
    private let rans: RansEncoder
    private let zhuff: ZHuffEncoder
    /// What the second codec makes of a chunk.
    private let second: PageBuffer?

    init(profile: BundleProfile) throws(CodecError) {
        rans = try RansEncoder()
        zhuff = try ZHuffEncoder()
        second = profile == .archive ? PageBuffer(capacity: BundleFormat.chunkByteCount) : nil
    }

    /// Stores `logical` in the start of `output`, which is at least as long: encoded, or as it is where that is no
    /// shorter.
    ///
    /// rANS where it has a layout for the type, since it decodes fastest; an archive takes what is shortest.
    func encode(
        _ logical: RawSpan,
        form: ChunkForm,
        into output: inout MutableRawSpan
    ) throws(CodecError) -> (encoding: ChunkEncoding, byteCount: Int) {
        var best = (encoding: ChunkEncoding.raw, byteCount: logical.byteCount)
        if let layout = form.layout, let count = try rans.encode(logical, layout: layout, into: &output) {
            best = (.rans, count)
        }
        if let split = form.split {
            if form.layout == nil {
                if let count = try zhuff.encode(logical, split: split, into: &output) { best = (.zhuff, count) }
            } else if let second {
                var room = second.mutableBytes(logical.byteCount)
                if let count = try zhuff.encode(logical, split: split, into: &room), count < best.byteCount {
                    var start = output._mutatingExtracting(0..<count)
                    start.copy(room.bytes.extracting(0..<count))
                    best = (.zhuff, count)
                }
            }
        }
        if best.encoding == .raw {
            var start = output._mutatingExtracting(0..<logical.byteCount)
            start.copy(logical)
        }
        return best
    }
}
