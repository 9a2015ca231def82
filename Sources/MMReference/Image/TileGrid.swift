/// How the tiles of a processed picture lie: `rows` times `columns` parts, row by row, and with them perhaps one tile
/// that shows the whole picture.
package struct TileGrid: Sendable, Hashable {
    /// Where the tile of the whole picture is in the order of tiles.
    package enum Overview: Sendable, Hashable {
        case absent
        case first
        case last
    }

    /// 0 where the picture is not split.
    package let rows: Int
    package let columns: Int
    package let overview: Overview

    package init(rows: Int, columns: Int, overview: Overview) {
        self.rows = rows
        self.columns = columns
        self.overview = overview
    }

    package var count: Int { rows * columns + (overview == .absent ? 0 : 1) }

    /// The whole picture alone.
    package static let whole = TileGrid(rows: 0, columns: 0, overview: .first)
}
