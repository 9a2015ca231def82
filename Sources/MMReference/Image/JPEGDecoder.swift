internal import CJPEG

/// JPEG by libjpeg-turbo, with the accurate transform and smooth upsampling as Pillow asks for them.
struct JPEGDecoder {
    private let bytes: [UInt8]
    private let name: String?

    init(_ bytes: [UInt8], name: String?) {
        self.bytes = bytes
        self.name = name
    }

    func picture() throws(PictureError) -> Picture {
        guard let handle = unsafe tjInitDecompress() else { throw unsafe failure(nil) }
        defer { _ = unsafe tjDestroy(handle) }
        // The handle is live until the end of this function; `bytes` are lent for as long as it reads them.
        let stored = try unsafe bytes.withUnsafeBufferPointer { buffer throws(PictureError) in
            try unsafe picture(handle, UnsafePointer(buffer.baseAddress), CUnsignedLong(buffer.count))
        }
        return stored.upright(from: PictureOrientation(jpeg: bytes))
    }

    private func picture(
        _ handle: tjhandle,
        _ source: UnsafePointer<UInt8>?,
        _ byteCount: CUnsignedLong
    ) throws(PictureError) -> Picture {
        // Every call below lends memory that outlives it.
        var width: CInt = 0
        var height: CInt = 0
        var subsampling: CInt = 0
        var colours: CInt = 0
        guard unsafe tjDecompressHeader3(handle, source, byteCount, &width, &height, &subsampling, &colours) == 0 else {
            throw unsafe failure(handle)
        }
        let extent = Extent(width: Int(width), height: Int(height))
        try PictureLimits.check(extent, named: name)
        let isPrint = colours == CInt(TJCS_CMYK.rawValue) || colours == CInt(TJCS_YCCK.rawValue)
        let format = CInt(isPrint ? TJPF_CMYK.rawValue : TJPF_RGB.rawValue)
        let count = extent.width * extent.height * (isPrint ? 4 : Picture.channelCount)
        var output = [UInt8](repeating: 0, count: count)
        // A warning means that pixels were guessed: a file that ends early, damaged data, thousands of scans. Those are
        // errors here.
        let flags = CInt(TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS)
        let code = unsafe output.withUnsafeMutableBufferPointer { target in
            // `height` rows of `width` pixels without padding (pitch 0) are exactly the bytes of `target`.
            unsafe tjDecompress2(handle, source, byteCount, target.baseAddress, width, 0, height, format, flags)
        }
        guard code == 0 else { throw unsafe failure(handle) }
        return Picture(checked: extent, pixels: isPrint ? Self.rgb(fromInvertedCMYK: output) : output)
    }

    /// CMYK as Adobe's programs store it, 255 for no ink, in Pillow's arithmetic (`cmyk2rgb` in
    /// src/libImaging/Convert.c).
    private static func rgb(fromInvertedCMYK samples: [UInt8]) -> [UInt8] {
        var pixels: [UInt8] = []
        pixels.reserveCapacity(samples.count / 4 * Picture.channelCount)
        for start in stride(from: 0, to: samples.count, by: 4) {
            let paper = Int(samples[start + 3])
            for channel in 0..<Picture.channelCount {
                let product = (255 - Int(samples[start + channel])) * paper + 128
                pixels.append(UInt8(clamping: paper - ((product >> 8) + product) >> 8))
            }
        }
        return pixels
    }

    private func failure(_ handle: tjhandle?) -> PictureError {
        // The text belongs to the handle, or is a constant of the library.
        let message = unsafe tjGetErrorStr2(handle).map { unsafe String(cString: $0) } ?? "no memory"
        return PictureError(.undecodable(.jpeg, message), name: name)
    }
}
