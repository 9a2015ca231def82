internal import CZstd

/// Makes single Zstandard frames (RFC 8878): one thread, content size in the header, no checksum, so that the same
/// bytes come out every time.
///
/// Not synchronised: one thread at a time.
@safe public final class ZstandardEncoder: @unchecked Sendable {
    public enum Mode: Sendable, Hashable {
        /// Ordinary compression at a level of 1 to 19.
        case level(Int)
        /// Huffman coding of the bytes as they are, hardly any matches: for the exponent planes of numbers, where
        /// matches cost ratio and speed. Parameters: formats/mmpack.md, zHUF.
        case literals
    }

    /// Owned by this object.
    private let context: OpaquePointer

    /// Throws `CodecError` when libzstd refuses a parameter.
    public init(_ mode: Mode) throws(CodecError) {
        guard let context = unsafe ZSTD_createCCtx() else { throw CodecError(.zstandard("out of memory")) }
        unsafe self.context = unsafe context
        try set(ZSTD_c_contentSizeFlag, 1)
        try set(ZSTD_c_checksumFlag, 0)
        switch mode {
        case .level(let level): try set(ZSTD_c_compressionLevel, CInt(clamping: level))
        case .literals:
            try set(ZSTD_c_strategy, CInt(ZSTD_fast.rawValue))
            try set(ZSTD_c_minMatch, 7)
            try set(ZSTD_c_targetLength, 131_072)
            try set(ZSTD_c_hashLog, 6)
            // ZSTD_c_literalCompressionMode in zstd.h: the fast strategy would leave Huffman coding off.
            try set(ZSTD_c_experimentalParam5, CInt(ZSTD_ps_enable.rawValue))
        }
    }

    deinit {
        _ = unsafe ZSTD_freeCCtx(context)
    }

    private func set(_ parameter: ZSTD_cParameter, _ value: CInt) throws(CodecError) {
        try check(unsafe ZSTD_CCtx_setParameter(context, parameter, value))
    }

    /// Bytes that the frame of so many bytes never exceeds.
    public static func byteCountBound(_ byteCount: Int) -> Int { ZSTD_compressBound(byteCount) }

    /// Compresses `bytes` into the start of `output`; nil when the frame does not fit there.
    public func encode(_ bytes: RawSpan, into output: inout MutableRawSpan) throws(CodecError) -> Int? {
        let result = unsafe bytes.withUnsafeBytes { input in
            // Both buffers are used inside the closures only, with their own lengths.
            unsafe output.withUnsafeMutableBytes { output in
                unsafe ZSTD_compress2(context, output.baseAddress, output.count, input.baseAddress, input.count)
            }
        }
        if ZSTD_getErrorCode(result) == ZSTD_error_dstSize_tooSmall { return nil }
        return try check(result)
    }

    /// Compresses `bytes` with a block of its own, and so a code of its own, for each of `pieces`, lengths that add up
    /// to that of the bytes. Nil when the frame does not fit.
    @unsafe func encode(
        _ bytes: UnsafeRawBufferPointer,
        pieces: [Int],
        into output: UnsafeMutableRawBufferPointer
    ) throws(CodecError) -> Int? {
        try check(unsafe ZSTD_CCtx_reset(context, ZSTD_reset_session_only))
        try check(unsafe ZSTD_CCtx_setPledgedSrcSize(context, UInt64(bytes.count)))
        // libzstd stays inside both buffers' lengths.
        var target = unsafe ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        var position = 0
        for (index, length) in pieces.enumerated() {
            let piece = unsafe UnsafeRawBufferPointer(rebasing: bytes[position..<position + length])
            var input = unsafe ZSTD_inBuffer(src: piece.baseAddress, size: length, pos: 0)
            let operation = index == pieces.count - 1 ? ZSTD_e_end : ZSTD_e_flush
            let left = try check(unsafe ZSTD_compressStream2(context, &target, &input, operation))
            // More to flush than there is room for.
            guard left == 0 else { return nil }
            position += length
        }
        return unsafe target.pos
    }

    /// The frame of `bytes`.
    public func encode(_ bytes: [UInt8]) throws(CodecError) -> [UInt8] {
        var frame = [UInt8](repeating: 0, count: Self.byteCountBound(bytes.count))
        var span = frame.mutableSpan
        // Any byte is a valid UInt8.
        var raw = unsafe span.mutableBytes
        guard let count = try unsafe encode(bytes.span.bytes, into: &raw) else {
            throw CodecError(.outputTooSmall(byteCount: frame.count))
        }
        frame.removeLast(frame.count - count)
        return frame
    }
}

/// The value that libzstd returned, or its error.
@discardableResult
func check(_ result: Int) throws(CodecError) -> Int {
    guard ZSTD_isError(result) == 0 else {
        throw CodecError(.zstandard(unsafe String(cString: ZSTD_getErrorName(result))))
    }
    return result
}
