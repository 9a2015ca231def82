/// What a picture may ask for: a file of a few hundred bytes can claim any size.
package enum PictureLimits {
    /// Longest side in pixels.
    package static let side = 1 << 14
    /// Most pixels of a picture, and of all tiles of a picture together.
    package static let pixelCount = 64_000_000
    /// Longest file in bytes.
    package static let fileByteCount = 256_000_000
    /// Longest chunk of a PNG beside its pixels, decompressed, and all such chunks together, in bytes.
    package static let chunkByteCount = 16_000_000

    /// Throws `PictureError` unless a picture of this extent may exist.
    package static func check(_ extent: Extent, named name: String? = nil) throws(PictureError) {
        guard extent.width > 0, extent.height > 0 else { throw PictureError(.empty(extent), name: name) }
        // Sides of at most 2^14 have a product that cannot overflow.
        guard extent.longer <= side, extent.width * extent.height <= pixelCount else {
            throw PictureError(.tooLarge(extent), name: name)
        }
    }
}
