internal import MMStorage

extension Picture {
    /// Reads a PNG, JPEG, PGM or PPM file and turns it upright: what `load_image` of transformers 5.23 gives
    /// (image_utils.py), that is Pillow's `exif_transpose` and then `convert("RGB")`, which drops transparency without
    /// blending, ignores gamma and colour profiles, and keeps the high byte of 16-bit colours.
    ///
    /// Gray of 16 bits is clipped to 255, not scaled, since that is what Pillow does. Throws `FileError` and
    /// `PictureError`.
    package init(path: String) throws {
        let file = try InputFile(path: path)
        guard file.byteCount <= PictureLimits.fileByteCount else {
            throw PictureError(.fileTooLong(byteCount: file.byteCount), name: path)
        }
        try self.init(decoding: try file.bytes(at: 0, byteCount: file.byteCount), name: path)
    }

    /// The same for bytes in memory; `name` tells errors what they are about.
    package init(decoding bytes: [UInt8], name: String? = nil) throws(PictureError) {
        guard bytes.count <= PictureLimits.fileByteCount else {
            throw PictureError(.fileTooLong(byteCount: bytes.count), name: name)
        }
        switch PictureFormat(sniffing: bytes) {
        case .png: self = try PNGDecoder(bytes, name: name).picture()
        case .jpeg: self = try JPEGDecoder(bytes, name: name).picture()
        case .portableMap:
            var decoder = PortableMapDecoder(bytes, name: name)
            self = try decoder.picture()
        case let other?: throw PictureError(.unsupportedFormat(other), name: name)
        case nil: throw PictureError(.unknownFormat, name: name)
        }
    }
}
