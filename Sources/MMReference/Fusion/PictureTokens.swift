/// The tokens of one picture as they go into a sequence.
package struct PictureTokens: Sendable {
    package let count: Int
    /// [count, width].
    package let values: FloatBuffer
    /// Of each of the decoder's first layers, what is added behind it: [count, width].
    package let deepStack: [FloatBuffer]
    /// Frames, rows and columns, where position is told by them.
    package let grid: (frames: Int, rows: Int, columns: Int)?

    package init(
        count: Int,
        values: FloatBuffer,
        deepStack: [FloatBuffer] = [],
        grid: (frames: Int, rows: Int, columns: Int)? = nil
    ) {
        self.count = count
        self.values = values
        self.deepStack = deepStack
        self.grid = grid
    }
}

/// How the tiles of a picture lie, where there are several.
package struct TileArrangement: Sendable, Hashable {
    /// Tiles down and across, the one of the whole picture not among them.
    package let rows: Int
    package let columns: Int
    /// Pixels of the picture before it was cut.
    package let height: Int
    package let width: Int

    package init(rows: Int, columns: Int, height: Int, width: Int) {
        self.rows = rows
        self.columns = columns
        self.height = height
        self.width = width
    }
}
