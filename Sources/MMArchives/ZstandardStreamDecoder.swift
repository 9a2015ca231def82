internal import CZstd
internal import MMStorage

/// Zstandard frames (RFC 8878) by libzstd, which holds each to its checksum, if it has one, at its end.
///
/// Windows of up to 128 MiB are read, as by the zstd tool without `--long=31`.
@safe final class ZstandardStreamDecoder: StreamDecoder {
    private let input: CompressedInput
    private let context: OpaquePointer
    private var piece: UnsafeRawBufferPointer
    private var position = 0
    /// Between two frames.
    private var isBetween = true

    private static let windowBits: CInt = 27

    init(_ file: InputFile) throws(ArchiveError) {
        guard let context = unsafe ZSTD_createDCtx() else { throw ArchiveError(.outOfMemory, path: file.path) }
        unsafe self.context = context
        unsafe piece = UnsafeRawBufferPointer(start: nil, count: 0)
        input = CompressedInput(file)
        _ = unsafe ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.windowBits)
    }

    deinit {
        // Made in init, freed once.
        _ = unsafe ZSTD_freeDCtx(context)
    }

    func fill(_ output: PageBuffer) throws -> Int {
        // The output's memory outlives the calls, which fill at most its length.
        var sink = unsafe ZSTD_outBuffer(dst: output.pointer, size: output.capacity, pos: 0)
        while unsafe sink.pos < sink.size {
            if unsafe position == piece.count, !input.isAtEnd {
                unsafe piece = try input.next()
                position = 0
            }
            let isExhausted = unsafe position == piece.count
            if isExhausted, isBetween { break }
            // The piece is valid until `next` is called again.
            var source = unsafe ZSTD_inBuffer(src: piece.baseAddress, size: piece.count, pos: position)
            let before = unsafe sink.pos
            let hint = unsafe ZSTD_decompressStream(context, &sink, &source)
            position = unsafe source.pos
            guard ZSTD_isError(hint) == 0 else {
                // A constant of libzstd.
                throw error(unsafe String(cString: ZSTD_getErrorName(hint)))
            }
            isBetween = hint == 0
            // Nothing more to take in, and nothing came out.
            if isExhausted, unsafe sink.pos == before { break }
        }
        if unsafe sink.pos == 0, !isBetween { throw error("it ends in the middle of a frame") }
        return unsafe sink.pos
    }

    private func error(_ words: String) -> ArchiveError {
        ArchiveError(.damaged("zstd: \(words)"), path: input.file.path)
    }
}
