/// A picture as a vision tower takes it.
package struct ProcessedImage: Sendable, Hashable {
    /// Patches of a picture: how many in time, down and across.
    package struct PatchGrid: Sendable, Hashable {
        package let frames: Int
        package let rows: Int
        package let columns: Int
    }

    package enum Layout: Sendable, Hashable {
        /// [tile, channel, row, column]. Every pixel of every tile counts: a mask of them would be all ones.
        case planes(tileCount: Int, Extent)
        /// [patch, channel * frame * row * column], the patches of one merged token next to each other.
        case patches(PatchGrid, valueCount: Int)
    }

    package let values: [Float]
    package let layout: Layout
    package let tiles: TileGrid
    /// What a prompt says of each of several tiles.
    package let labels: TileLabels
    /// The upright picture before processing.
    package let original: Extent

    /// Outermost first: [tiles, 3, height, width], or [patches, values of a patch].
    package var shape: [Int] {
        switch layout {
        case .planes(let tileCount, let extent): [tileCount, Picture.channelCount, extent.height, extent.width]
        case .patches(let grid, let valueCount): [grid.frames * grid.rows * grid.columns, valueCount]
        }
    }
}
