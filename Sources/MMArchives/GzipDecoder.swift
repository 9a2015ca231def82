internal import CZlib
internal import MMStorage

/// gzip (RFC 1952) by zlib, which holds the content to its CRC and its length where libarchive skips both.
///
/// Several gzip files in one, as `cat a.gz b.gz` makes them, are one content.
@safe final class GzipDecoder: StreamDecoder {
    private let input: CompressedInput
    /// On the heap, because zlib keeps its address.
    private let stream: UnsafeMutablePointer<z_stream>
    /// Between two gzip files: what follows must be another, or nothing.
    private var isBetween = true

    /// 15 bits of window, and 16 for gzip alone (zlib.h, inflateInit2).
    private static let windowBits: CInt = 15 + 16

    init(_ file: InputFile) throws(ArchiveError) {
        input = CompressedInput(file)
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        // `stream` is initialised and stays where it is until deinit.
        let status = unsafe inflateInit2_(
            stream,
            Self.windowBits,
            ZLIB_VERSION,
            CInt(MemoryLayout<z_stream>.size)
        )
        guard status == Z_OK else {
            unsafe stream.deallocate()
            throw ArchiveError(.outOfMemory, path: file.path)
        }
    }

    deinit {
        // Initialised in init, ended once.
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    func fill(_ output: PageBuffer) throws -> Int {
        // The output's memory outlives the call, which fills at most its length.
        unsafe stream.pointee.next_out = output.pointer.assumingMemoryBound(to: UInt8.self)
        unsafe stream.pointee.avail_out = UInt32(output.capacity)
        while unsafe stream.pointee.avail_out > 0 {
            if unsafe stream.pointee.avail_in == 0, !input.isAtEnd {
                let piece = try unsafe input.next()
                // zlib reads from next_in and never writes there; the piece is valid until `next` is called again.
                unsafe stream.pointee.next_in = UnsafeMutablePointer(
                    mutating: piece.baseAddress?.assumingMemoryBound(to: UInt8.self)
                )
                unsafe stream.pointee.avail_in = UInt32(piece.count)
            }
            let isExhausted = unsafe stream.pointee.avail_in == 0
            if isExhausted, isBetween { break }
            let room = unsafe stream.pointee.avail_out
            try step()
            // Nothing more to take in, and nothing came out.
            if isExhausted, unsafe stream.pointee.avail_out == room { break }
        }
        let count = output.capacity - (unsafe Int(stream.pointee.avail_out))
        if count == 0, !isBetween { throw error("it ends in the middle of the compressed data") }
        return count
    }

    private func step() throws(ArchiveError) {
        isBetween = false
        // next_in and next_out with their lengths lie in live buffers, see `fill`.
        let status = unsafe inflate(stream, Z_NO_FLUSH)
        switch status {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END:
            isBetween = true
            unsafe inflateReset(stream)
        case Z_MEM_ERROR: throw ArchiveError(.outOfMemory, path: input.file.path)
        default:
            // msg is a constant of zlib.
            throw error(unsafe stream.pointee.msg.map { unsafe String(cString: $0) } ?? "not gzip data")
        }
    }

    private func error(_ words: String) -> ArchiveError {
        ArchiveError(.damaged("gzip: \(words)"), path: input.file.path)
    }
}
