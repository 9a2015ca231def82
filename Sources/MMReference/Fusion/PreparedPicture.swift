package import MMArchitectures

/// A picture as a vision-language model takes it.
package struct PreparedPicture: Sendable {
    /// What the tower sees, one after the other.
    package let tiles: [VisionInput]
    /// How they lie: rows and columns, and where among them the one of the whole picture is.
    package let grid: TileGrid
    /// The same for families that put tiles together by the size of the picture; nil for one tile.
    package let arrangement: TileArrangement?
    /// What a prompt says of each of several tiles.
    package let labels: TileLabels

    /// A picture that is one tile.
    package init(_ input: VisionInput) {
        tiles = [input]
        grid = .whole
        arrangement = nil
        labels = .none
    }

    /// What an image processor made.
    package init(_ image: ProcessedImage) {
        switch image.layout {
        case .planes(let count, let extent):
            let size = Picture.channelCount * extent.width * extent.height
            tiles = (0..<count).map { index in
                VisionInput(
                    Array(image.values[index * size..<(index + 1) * size]),
                    layout: .planes(height: extent.height, width: extent.width)
                )
            }
        case .patches(let patches, _):
            let grid = PatchGrid(frames: patches.frames, rows: patches.rows, columns: patches.columns)
            tiles = [VisionInput(image.values, layout: .patches(grid))]
        }
        grid = image.tiles
        labels = image.labels
        arrangement =
            tiles.count < 2
            ? nil
            : TileArrangement(
                rows: image.tiles.rows,
                columns: image.tiles.columns,
                height: image.original.height,
                width: image.original.width
            )
    }

    /// Throws `VisionError` where a tower cannot take a tile.
    package func check(for configuration: VisionConfiguration) throws(VisionError) {
        for tile in tiles { _ = try tile.grid(for: configuration) }
    }
}
