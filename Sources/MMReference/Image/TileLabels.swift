/// What stands in a prompt for where a tile of a picture lies (MM1.5, arXiv 2409.20566, section 3.3).
package enum TileLabels: String, Sendable, Hashable, CaseIterable {
    case none
    /// `(k,i,j)` before each tile: the number of the picture from 0, row and column from 1; `(k,0,0)` before the whole
    /// picture.
    case indices
    /// `,` between the tiles of a row, `<n>` behind every row, `:` before the whole picture.
    case separators
}
