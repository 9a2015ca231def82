/// A picture of 8-bit RGB: `height` rows of `width` pixels of three bytes, top row first, nothing between.
package struct Picture: Sendable, Hashable {
    package let extent: Extent
    package internal(set) var pixels: [UInt8]

    package static let channelCount = 3

    package var width: Int { extent.width }
    package var height: Int { extent.height }
    var rowByteCount: Int { width * Self.channelCount }

    /// Takes `width * height * 3` bytes. Throws `PictureError` where the extent is not allowed or the bytes are not as
    /// many.
    package init(width: Int, height: Int, pixels: [UInt8]) throws(PictureError) {
        let extent = Extent(width: width, height: height)
        try PictureLimits.check(extent)
        let needed = width * height * Self.channelCount
        guard pixels.count == needed else {
            throw PictureError(.truncated(needed: needed, available: pixels.count), name: nil)
        }
        self.extent = extent
        self.pixels = pixels
    }

    /// A picture of one colour.
    init(_ extent: Extent, filledWith colour: [3 of UInt8]) throws(PictureError) {
        try PictureLimits.check(extent)
        self.extent = extent
        let count = extent.width * extent.height * Self.channelCount
        if colour[0] == colour[1], colour[1] == colour[2] {
            pixels = [UInt8](repeating: colour[0], count: count)
        } else {
            pixels = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
                // count is a multiple of 3, and every index below it is written once.
                for index in 0..<count { unsafe buffer[index] = colour[index % 3] }
                initialized = count
            }
        }
    }

    /// For pixels that were made for this extent.
    init(checked extent: Extent, pixels: [UInt8]) {
        assert(pixels.count == extent.width * extent.height * Self.channelCount)
        self.extent = extent
        self.pixels = pixels
    }
}
