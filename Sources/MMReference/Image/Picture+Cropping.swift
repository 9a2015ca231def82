extension Picture {
    /// The part whose top left pixel is at `left`, `top`. What lies outside the picture is black.
    package func cropped(left: Int, top: Int, to extent: Extent) throws(PictureError) -> Picture {
        if left == 0, top == 0, extent == self.extent { return self }
        var part = try Picture(extent, filledWith: [0, 0, 0])
        part.paste(self, left: -left, top: -top)
        return part
    }

    /// The middle part, or the picture amid black where it is smaller: `center_crop` of transformers 5.23
    /// (image_transforms.py). Half pixels go to the left and to the top in both cases.
    package func croppedToCenter(_ crop: Extent) throws(PictureError) -> Picture {
        // A right shift rounds down, which for a negative start is the larger margin before the picture.
        try cropped(left: (width - crop.width) >> 1, top: (height - crop.height) >> 1, to: crop)
    }

    /// A square with the picture in its middle and `colour` around: `pad_to_square` of LLaVA's image processor.
    package func paddedToSquare(_ colour: [3 of UInt8]) throws(PictureError) -> Picture {
        if width == height { return self }
        let side = extent.longer
        var square = try Picture(Extent(side: side), filledWith: colour)
        square.paste(self, left: (side - width) / 2, top: (side - height) / 2)
        return square
    }

    /// The picture in the middle of a larger black one, the smaller margins before it: LLaVA-NeXT's padding.
    package func padded(to extent: Extent) throws(PictureError) -> Picture {
        try cropped(left: -((extent.width - width) / 2), top: -((extent.height - height) / 2), to: extent)
    }

    /// Parts of one extent, row by row, that cover the picture, whose sides are multiples of theirs.
    package func tiles(of extent: Extent) throws(PictureError) -> [Picture] {
        var tiles: [Picture] = []
        for top in stride(from: 0, to: height, by: extent.height) {
            for left in stride(from: 0, to: width, by: extent.width) {
                tiles.append(try cropped(left: left, top: top, to: extent))
            }
        }
        return tiles
    }

    /// Writes `picture` over this one with its top left pixel at `left`, `top`; what lies outside is left out.
    mutating func paste(_ picture: Picture, left: Int, top: Int) {
        let columns = max(left, 0)..<max(min(left + picture.width, width), max(left, 0))
        let rows = max(top, 0)..<max(min(top + picture.height, height), max(top, 0))
        let byteCount = columns.count * Self.channelCount
        for row in rows where byteCount > 0 {
            let source = (row - top) * picture.rowByteCount + (columns.lowerBound - left) * Self.channelCount
            let target = row * rowByteCount + columns.lowerBound * Self.channelCount
            pixels.replaceSubrange(target..<target + byteCount, with: picture.pixels[source..<source + byteCount])
        }
    }
}
