internal import MMBytes

/// Makes of pictures what a vision tower takes, equal in every bit to the processors of transformers 5.23 that work
/// with Pillow.
package struct ImageProcessor: Sendable {
    package let configuration: ImageProcessorConfiguration
    /// `PixelNormalization.table`.
    private let levels: [Float]

    package init(configuration: ImageProcessorConfiguration) {
        self.configuration = configuration
        levels = configuration.normalization.table()
    }

    /// Throws `PictureError` where a size on the way passes `PictureLimits`, and `ImageProcessorError` for a picture
    /// that the processor does not take.
    ///
    /// - Parameter pictureCount: pictures of the prompt, of which this one is.
    package func process(_ picture: Picture, among pictureCount: Int = 1) throws -> ProcessedImage {
        var prepared = picture
        if let colour = configuration.squareColour {
            prepared = try prepared.paddedToSquare([colour.red, colour.green, colour.blue])
        }
        for sizing in configuration.pictureSizings {
            prepared = try prepared.resized(to: try sizing.extent(for: prepared.extent), configuration.filter)
        }
        let isTiled = pictureCount <= configuration.mostTiledPictures
        let tiling = isTiled ? configuration.tiling : .none
        let (parts, grid) = try tiling.tiles(of: prepared, configuration.filter)
        let tiles = try parts.map { try finished($0) }
        try check(tiles)
        let (values, layout) = try laidOut(tiles)
        return ProcessedImage(
            values: values,
            layout: layout,
            tiles: grid,
            labels: configuration.tileLabels,
            original: picture.extent
        )
    }

    private func finished(_ tile: Picture) throws -> Picture {
        var tile = tile
        if let sizing = configuration.tileSizing {
            tile = try tile.resized(to: try sizing.extent(for: tile.extent), configuration.filter)
        }
        if let crop = configuration.crop { tile = try tile.croppedToCenter(crop) }
        return tile
    }

    private func check(_ tiles: [Picture]) throws(ImageProcessorError) {
        guard let first = tiles.first?.extent else { return }
        for tile in tiles where tile.extent != first {
            throw ImageProcessorError(.unevenTiles(first, tile.extent), name: configuration.name)
        }
        // A picture has at most 6.4e7 pixels, and there are fewer than 2^28 tiles of at least one.
        guard tiles.count * first.width * first.height <= PictureLimits.pixelCount else {
            throw ImageProcessorError(.tooManyPixels(tileCount: tiles.count, first), name: configuration.name)
        }
    }

    private func laidOut(_ tiles: [Picture]) throws(ImageProcessorError) -> ([Float], ProcessedImage.Layout) {
        let extent = tiles.first?.extent ?? Extent(side: 0)
        switch configuration.layout {
        case .planes: return (planes(tiles), .planes(tileCount: tiles.count, extent))
        case .patches(let side, let frameCount, let merge):
            let unit = side * merge
            guard extent.width % unit == 0, extent.height % unit == 0 else {
                throw ImageProcessorError(.notWholePatches(extent, side: unit), name: configuration.name)
            }
            let grid = ProcessedImage.PatchGrid(frames: 1, rows: extent.height / side, columns: extent.width / side)
            let valueCount = Picture.channelCount * frameCount * side * side
            let values = tiles.flatMap { patches($0, side: side, frameCount: frameCount, merge: merge) }
            return (values, .patches(grid, valueCount: valueCount))
        }
    }

    private func planes(_ tiles: [Picture]) -> [Float] {
        var values: [Float] = []
        values.reserveCapacity(tiles.reduce(0) { $0 + $1.pixels.count })
        for tile in tiles {
            for channel in 0..<Picture.channelCount {
                for start in stride(from: channel, to: tile.pixels.count, by: Picture.channelCount) {
                    values.append(levels[channel << 8 | Int(tile.pixels[start])])
                }
            }
        }
        return values
    }

    /// Patches in the order [row of merged, column of merged, row within, column within], each one
    /// [channel, frame, row, column]: `patchify` in image_processing_pil_qwen2_vl.py.
    private func patches(_ picture: Picture, side: Int, frameCount: Int, merge: Int) -> [Float] {
        var values: [Float] = []
        values.reserveCapacity(picture.pixels.count * frameCount)
        let unit = side * merge
        for top in stride(from: 0, to: picture.height, by: unit) {
            for left in stride(from: 0, to: picture.width, by: unit) {
                for patch in 0..<merge * merge {
                    let origin = (x: left + patch % merge * side, y: top + patch / merge * side)
                    for channel in 0..<Picture.channelCount {
                        let plane = square(picture, x: origin.x, y: origin.y, side: side, channel: channel)
                        for _ in 0..<frameCount { values.append(contentsOf: plane) }
                    }
                }
            }
        }
        return values
    }

    private func square(_ picture: Picture, x: Int, y: Int, side: Int, channel: Int) -> [Float] {
        var values: [Float] = []
        values.reserveCapacity(side * side)
        for row in y..<y + side {
            let start = row * picture.rowByteCount + x * Picture.channelCount + channel
            for column in 0..<side {
                values.append(levels[channel << 8 | Int(picture.pixels[start + column * Picture.channelCount])])
            }
        }
        return values
    }
}
