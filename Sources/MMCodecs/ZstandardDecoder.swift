internal import CZstd

/// Reads single Zstandard frames whose content has a known length: the output never grows past it.
///
/// Not synchronised: one thread at a time.
@safe public final class ZstandardDecoder: @unchecked Sendable {
    /// Owned by this object.
    private let context: OpaquePointer

    public init() throws(CodecError) {
        guard let context = unsafe ZSTD_createDCtx() else { throw CodecError(.zstandard("out of memory")) }
        unsafe self.context = unsafe context
    }

    deinit {
        _ = unsafe ZSTD_freeDCtx(context)
    }

    /// Decodes `frame`, which must be exactly one frame of exactly the length of `destination`.
    public func decode(_ frame: RawSpan, into destination: inout MutableRawSpan) throws(CodecError) {
        try unsafe frame.withUnsafeBytes { input throws(CodecError) in
            try unsafe destination.withUnsafeMutableBytes { output throws(CodecError) in
                try unsafe decode(input, into: output)
            }
        }
    }

    /// The same for buffers that the caller keeps alive.
    @unsafe func decode(
        _ frame: UnsafeRawBufferPointer,
        into destination: UnsafeMutableRawBufferPointer
    ) throws(CodecError) {
        try unsafe Self.checkHeader(frame, contentByteCount: destination.count)
        // libzstd stays inside the two lengths whatever the frame says.
        let count = try check(
            unsafe ZSTD_decompressDCtx(
                context,
                destination.baseAddress,
                destination.count,
                frame.baseAddress,
                frame.count
            )
        )
        guard count == destination.count else {
            throw CodecError(.wrongContentByteCount(found: UInt64(count), expected: destination.count))
        }
    }

    /// Decodes a frame into memory of its own, which is as large as `contentByteCount` says and the frame confirms.
    public func decode(_ frame: RawSpan, contentByteCount: Int) throws(CodecError) -> [UInt8] {
        try unsafe frame.withUnsafeBytes { input throws(CodecError) in
            // Before memory is taken.
            try unsafe Self.checkHeader(input, contentByteCount: contentByteCount)
        }
        var bytes = [UInt8](repeating: 0, count: contentByteCount)
        var span = bytes.mutableSpan
        // Any byte is a valid UInt8.
        var raw = unsafe span.mutableBytes
        try decode(frame, into: &raw)
        return bytes
    }

    /// One frame, all of the bytes, the content size stated: no second frame, no skippable one.
    private static func checkHeader(_ frame: UnsafeRawBufferPointer, contentByteCount: Int) throws(CodecError) {
        // libzstd reads inside the length given.
        let stated = unsafe ZSTD_getFrameContentSize(frame.baseAddress, frame.count)
        // zstd.h: ZSTD_CONTENTSIZE_UNKNOWN is 0 - 1, ZSTD_CONTENTSIZE_ERROR is 0 - 2, macros that Swift cannot see.
        guard stated < UInt64.max - 1, stated == UInt64(contentByteCount) else {
            throw CodecError(
                .wrongContentByteCount(found: stated < UInt64.max - 1 ? stated : nil, expected: contentByteCount)
            )
        }
        let magicNumber: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
        guard unsafe frame.starts(with: magicNumber) else { throw CodecError(.zstandard("not a frame")) }
        let byteCount = try check(unsafe ZSTD_findFrameCompressedSize(frame.baseAddress, frame.count))
        guard byteCount == frame.count else {
            throw CodecError(.wrongFrameByteCount(found: byteCount, expected: frame.count))
        }
    }
}
