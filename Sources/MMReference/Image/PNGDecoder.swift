internal import CSpng

/// PNG by libspng.
struct PNGDecoder {
    private let bytes: [UInt8]
    private let name: String?

    init(_ bytes: [UInt8], name: String?) {
        self.bytes = bytes
        self.name = name
    }

    func picture() throws(PictureError) -> Picture {
        guard let context = unsafe spng_ctx_new(0) else { throw failure(SPNG_EMEM) }
        defer { unsafe spng_ctx_free(context) }
        // The context is live until the end of this function; `bytes` are lent for as long as it reads them.
        return try unsafe bytes.withUnsafeBufferPointer { buffer throws(PictureError) in
            try check(unsafe spng_set_png_buffer(context, buffer.baseAddress, buffer.count))
            return try unsafe picture(context)
        }
    }

    private func picture(_ context: OpaquePointer) throws(PictureError) -> Picture {
        // Every call below lends memory that outlives it.
        let limit = PictureLimits.chunkByteCount
        try check(unsafe spng_set_chunk_limits(context, limit, limit))
        var header = spng_ihdr()
        try check(unsafe spng_get_ihdr(context, &header))
        let extent = Extent(width: Int(header.width), height: Int(header.height))
        try PictureLimits.check(extent, named: name)
        // Gray of 16 bits is the only kind that Pillow does not reduce to the high byte.
        let isDeepGray = Int(header.color_type) == Int(SPNG_COLOR_TYPE_GRAYSCALE.rawValue) && header.bit_depth == 16
        let format = isDeepGray ? SPNG_FMT_RAW : SPNG_FMT_RGB8
        let count = extent.width * extent.height * (isDeepGray ? 2 : Picture.channelCount)
        var output = [UInt8](repeating: 0, count: count)
        // The library refuses a buffer that is shorter than the decoded picture.
        let code = unsafe output.withUnsafeMutableBytes { target in
            unsafe spng_decode_image(context, target.baseAddress, target.count, CInt(format.rawValue), 0)
        }
        try check(code)
        // What comes after the pixels, where EXIF may stand as well.
        try check(unsafe spng_decode_chunks(context))
        let picture = Picture(checked: extent, pixels: isDeepGray ? Self.clipped(output) : output)
        return picture.upright(from: unsafe orientation(context))
    }

    /// Samples of 16 bits, the high byte first, clipped to 255 as Pillow's conversion of mode I;16 does.
    private static func clipped(_ samples: [UInt8]) -> [UInt8] {
        var pixels: [UInt8] = []
        pixels.reserveCapacity(samples.count / 2 * Picture.channelCount)
        for start in stride(from: 0, to: samples.count, by: 2) {
            let level = samples[start] > 0 ? 255 : samples[start + 1]
            for _ in 0..<Picture.channelCount { pixels.append(level) }
        }
        return pixels
    }

    private func orientation(_ context: OpaquePointer) -> PictureOrientation {
        var exif = unsafe spng_exif()
        // The context owns the block that it lends and outlives its use here.
        guard unsafe spng_get_exif(context, &exif) == 0, let data = unsafe exif.data else { return .upright }
        return PictureOrientation(exif: unsafe Array(UnsafeRawBufferPointer(start: data, count: exif.length)))
    }

    private func check(_ code: CInt) throws(PictureError) {
        guard code == 0 else { throw failure(spng_errno(rawValue: numericCast(code))) }
    }

    private func failure(_ error: spng_errno) -> PictureError {
        // The library's messages are constants.
        let message = unsafe String(cString: spng_strerror(Int32(error.rawValue)))
        return PictureError(.undecodable(.png, message), name: name)
    }
}
