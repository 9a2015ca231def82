/// Which grid of `least` to `most` tiles of `side` pixels MM1.5 cuts a picture into (arXiv 2409.20566, equation 1).
///
/// A picture goes into a grid as large as fits without changing its shape. Among the grids that then need not make it
/// smaller the one is taken that leaves least to pad; if there is none, the one that keeps most of its resolution. Of
/// equals, which the equation leaves open, the one with fewer tiles, then with fewer rows.
package struct CoveringGrid: Sendable, Hashable {
    package let side: Int
    package let least: Int
    package let most: Int

    package init(side: Int, least: Int, most: Int) {
        self.side = side
        self.least = least
        self.most = most
    }

    /// A picture has fewer pixels than `PictureLimits` allows, and a grid at most 64 tiles: every product fits.
    package func grid(for picture: Extent) -> (rows: Int, columns: Int) {
        let (width, height) = (picture.width, picture.height)
        let area = width * height
        var best: (rows: Int, columns: Int, covers: Bool, padding: Int, scale: Int)?
        for count in least...most {
            for rows in 1...count where count.isMultiple(of: rows) {
                let columns = count / rows
                let scale = Self.scale(picture, rows: rows, columns: columns)
                let covers = scale * side >= area
                // The padding times area / side^2.
                let padding = count * area - scale * scale
                let isBetter =
                    best.map { best in
                        guard covers == best.covers else { return covers }
                        return covers ? padding < best.padding : scale > best.scale
                    } ?? true
                if isBetter { best = (rows, columns, covers, padding, scale) }
            }
        }
        return best.map { ($0.rows, $0.columns) } ?? (1, 1)
    }

    /// The size that a picture gets in a grid, the shorter side rounded to the nearest pixel.
    package func extent(of picture: Extent, rows: Int, columns: Int) -> Extent {
        let scale = Self.scale(picture, rows: rows, columns: columns) * side
        func scaled(by length: Int) -> Int { max((2 * scale + length) / (2 * length), 1) }
        return Extent(
            width: min(scaled(by: picture.height), columns * side),
            height: min(scaled(by: picture.width), rows * side)
        )
    }

    /// By how much the picture grows, times width x height / side: whole, so that grids compare exactly.
    private static func scale(_ picture: Extent, rows: Int, columns: Int) -> Int {
        min(rows * picture.width, columns * picture.height)
    }
}
