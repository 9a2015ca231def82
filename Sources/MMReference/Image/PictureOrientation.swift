/// How a stored picture is turned to be upright: the tag Orientation of EXIF 2.3 (TIFF 6.0, tag 274).
package enum PictureOrientation: Int, Sendable, Hashable, CaseIterable {
    case upright = 1
    case mirrored = 2
    case upsideDown = 3
    case flipped = 4
    case transposed = 5
    /// Needs a quarter turn clockwise.
    case turnedLeft = 6
    case transverse = 7
    /// Needs a quarter turn counterclockwise.
    case turnedRight = 8

    var swapsSides: Bool { rawValue >= 5 }

    /// The stored column and row of the upright pixel at `x`, `y`, in a stored picture of `stored`.
    func source(x: Int, y: Int, stored: Extent) -> (x: Int, y: Int) {
        let right = stored.width - 1
        let bottom = stored.height - 1
        return switch self {
        case .upright: (x, y)
        case .mirrored: (right - x, y)
        case .upsideDown: (right - x, bottom - y)
        case .flipped: (x, bottom - y)
        case .transposed: (y, x)
        case .turnedLeft: (y, bottom - x)
        case .transverse: (right - y, bottom - x)
        case .turnedRight: (right - y, x)
        }
    }
}

extension Picture {
    /// The upright picture, as Pillow's `ImageOps.exif_transpose` turns it.
    package func upright(from orientation: PictureOrientation) -> Picture {
        guard orientation != .upright else { return self }
        let turned = orientation.swapsSides ? Extent(width: height, height: width) : extent
        var output: [UInt8] = []
        output.reserveCapacity(pixels.count)
        for y in 0..<turned.height {
            for x in 0..<turned.width {
                let source = orientation.source(x: x, y: y, stored: extent)
                let start = source.y * rowByteCount + source.x * Self.channelCount
                output.append(pixels[start])
                output.append(pixels[start + 1])
                output.append(pixels[start + 2])
            }
        }
        return Picture(checked: turned, pixels: output)
    }
}
