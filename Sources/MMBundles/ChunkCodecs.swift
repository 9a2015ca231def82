internal import MMBytes
internal import MMCodecs

/// The decoders of the codecs that chunks of tensors have. Not synchronised: one thread at a time.
final class ChunkCodecs: @unchecked Sendable {
    private let zhuff: ZHuffDecoder
    private let rans: RansDecoder

    init() throws(CodecError) {
        zhuff = try ZHuffDecoder()
        rans = try RansDecoder()
    }

    /// Decodes stored bytes, whose hash has been checked, into `destination` of the chunk's logical length.
    func decode(
        _ stored: RawSpan,
        _ encoding: ChunkEncoding,
        form: ChunkForm,
        into destination: inout MutableRawSpan
    ) throws(CodecError) {
        // The layout of the bundle has checked that the form allows the encoding.
        switch encoding {
        case .rans:
            if let layout = form.layout { try rans.decode(stored, layout: layout, into: &destination) }
        case .zhuff:
            if let split = form.split { try zhuff.decode(stored, split: split, into: &destination) }
        case .raw, .zstandard: destination.copy(stored)
        }
    }
}
