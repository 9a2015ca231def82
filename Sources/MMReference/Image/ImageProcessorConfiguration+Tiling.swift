internal import MMBytes

extension ImageProcessorConfiguration.Tiling {
    /// The tiles of a picture in the order in which the model sees them. Throws `PictureError`.
    func tiles(of picture: Picture, _ filter: ResampleFilter) throws(PictureError) -> ([Picture], TileGrid) {
        switch self {
        case .none: ([picture], .whole)
        case .pinpoints(let extents, let side, let overview):
            try Self.pinpoints(picture, extents, side: side, overview: overview, filter)
        case .panAndScan(let leastSide, let mostCount, let leastRatio):
            try Self.panAndScan(picture, leastSide: leastSide, mostCount: mostCount, leastRatio: leastRatio)
        case .split(let side): try Self.split(picture, side: side, filter)
        case .aspectGrid(let tile, let least, let most):
            try Self.aspectGrid(picture, tile: tile, least: least, most: most, filter)
        case .quarters(let tile): try Self.quarters(picture, tile: tile, filter)
        case .coveringGrid(let side, let least, let most):
            try Self.coveringGrid(picture, CoveringGrid(side: side, least: least, most: most), filter)
        }
    }

    private static func quarters(
        _ picture: Picture,
        tile: Extent,
        _ filter: ResampleFilter
    ) throws(PictureError) -> ([Picture], TileGrid) {
        let canvas = Extent(width: 2 * tile.width, height: 2 * tile.height)
        let parts = try picture.resized(to: canvas, filter).tiles(of: tile)
        return ([try picture.resized(to: tile, filter)] + parts, TileGrid(rows: 2, columns: 2, overview: .first))
    }

    private static func coveringGrid(
        _ picture: Picture,
        _ choice: CoveringGrid,
        _ filter: ResampleFilter
    ) throws(PictureError) -> ([Picture], TileGrid) {
        let (rows, columns) = choice.grid(for: picture.extent)
        guard rows * columns > 1 else { return ([picture], .whole) }
        let tile = Extent(side: choice.side)
        let canvas = Extent(width: columns * choice.side, height: rows * choice.side)
        let fitted = try picture.resized(
            to: choice.extent(of: picture.extent, rows: rows, columns: columns),
            filter
        )
        let tiles = try fitted.padded(to: canvas).tiles(of: tile) + [try picture.resized(to: tile, filter)]
        return (tiles, TileGrid(rows: rows, columns: columns, overview: .last))
    }

    /// `get_image_patches` in image_processing_pil_llava_next.py.
    private static func pinpoints(
        _ picture: Picture,
        _ extents: [Extent],
        side: Int,
        overview: Extent,
        _ filter: ResampleFilter
    ) throws(PictureError) -> ([Picture], TileGrid) {
        let best = bestFit(picture.extent, among: extents)
        let fitted = try picture.resized(to: fit(picture.extent, into: best), filter)
        let parts = try fitted.padded(to: best).tiles(of: Extent(side: side))
        let grid = TileGrid(rows: best.height / side, columns: best.width / side, overview: .first)
        return ([try picture.resized(to: overview, filter)] + parts, grid)
    }

    /// The one that keeps most of the picture's pixels, and among those wastes least (`select_best_resolution` in
    /// image_processing_utils.py).
    private static func bestFit(_ picture: Extent, among extents: [Extent]) -> Extent {
        var best = picture
        var mostKept = 0
        var leastWasted = Int.max
        for extent in extents {
            let scale = min(
                Double(extent.width) / Double(picture.width),
                Double(extent.height) / Double(picture.height)
            )
            let scaled = Int(Double(picture.width) * scale) * Int(Double(picture.height) * scale)
            let kept = min(scaled, picture.width * picture.height)
            let wasted = extent.width * extent.height - kept
            if kept > mostKept || (kept == mostKept && wasted < leastWasted) {
                best = extent
                mostKept = kept
                leastWasted = wasted
            }
        }
        return best
    }

    /// The largest size of the same shape, rounded up (`get_patch_output_size` in image_processing_utils.py).
    private static func fit(_ picture: Extent, into bound: Extent) -> Extent {
        let across = Double(bound.width) / Double(picture.width)
        let down = Double(bound.height) / Double(picture.height)
        if across < down {
            let height = Int((Double(picture.height) * across).rounded(.up))
            return Extent(width: bound.width, height: min(height, bound.height))
        }
        let width = Int((Double(picture.width) * down).rounded(.up))
        return Extent(width: min(width, bound.width), height: bound.height)
    }

    /// `pan_and_scan` in image_processing_pil_gemma3.py.
    private static func panAndScan(
        _ picture: Picture,
        leastSide: Int,
        mostCount: Int,
        leastRatio: Double
    ) throws(PictureError) -> ([Picture], TileGrid) {
        let extent = picture.extent
        let isWide = extent.width >= extent.height
        let ratio = Double(extent.longer) / Double(extent.shorter)
        // Halves are rounded up.
        let wanted = min(extent.longer / leastSide, Int((ratio + 0.5).rounded(.down)))
        let count = min(mostCount, max(2, wanted))
        let length = extent.longer.dividedRoundingUp(by: count)
        guard ratio >= leastRatio, min(length, extent.shorter) >= leastSide else { return ([picture], .whole) }
        var tiles = [picture]
        for index in 0..<count {
            let start = length * index
            let rest = min(length, extent.longer - start)
            tiles.append(
                isWide
                    ? try picture.cropped(left: start, top: 0, to: Extent(width: rest, height: extent.height))
                    : try picture.cropped(left: 0, top: start, to: Extent(width: extent.width, height: rest))
            )
        }
        return (tiles, TileGrid(rows: isWide ? 1 : count, columns: isWide ? count : 1, overview: .first))
    }

    /// `split_images` in image_processing_pil_idefics3.py, for a picture whose sides are multiples of `side`.
    private static func split(
        _ picture: Picture,
        side: Int,
        _ filter: ResampleFilter
    ) throws(PictureError) -> ([Picture], TileGrid) {
        guard picture.extent.longer > side else { return ([picture], .whole) }
        let tile = Extent(side: side)
        let overview = try picture.resized(to: tile, filter)
        let grid = TileGrid(rows: picture.height / side, columns: picture.width / side, overview: .last)
        return (try picture.tiles(of: tile) + [overview], grid)
    }

    /// `crop_image_to_patches` in image_processing_pil_got_ocr2.py.
    private static func aspectGrid(
        _ picture: Picture,
        tile: Extent,
        least: Int,
        most: Int,
        _ filter: ResampleFilter
    ) throws(PictureError) -> ([Picture], TileGrid) {
        let (columns, rows) = nearestGrid(picture.extent, tile: tile, least: least, most: most)
        let canvas = Extent(width: tile.width * columns, height: tile.height * rows)
        var tiles = try picture.resized(to: canvas, filter).tiles(of: tile)
        if tiles.count > 1 { tiles.append(try picture.resized(to: tile, filter)) }
        let overview: TileGrid.Overview = rows * columns > 1 ? .last : .absent
        return (tiles, TileGrid(rows: rows, columns: columns, overview: overview))
    }

    /// The grid of `least` to `most` tiles whose ratio is nearest to the picture's, and of those with the same the
    /// largest that has less than twice the picture's pixels (`get_optimal_tiled_canvas`).
    private static func nearestGrid(
        _ picture: Extent,
        tile: Extent,
        least: Int,
        most: Int
    ) -> (columns: Int, rows: Int) {
        let area = Double(picture.width * picture.height)
        var best = (columns: 1, rows: 1)
        var leastDifference = Double.infinity
        for count in stride(from: least, through: most, by: 1) {
            for columns in 1...count where count % columns == 0 {
                let rows = count / columns
                let difference = abs(picture.aspectRatio - Double(columns) / Double(rows))
                let isSmaller = area > 0.5 * Double(tile.height) * Double(tile.width) * Double(count)
                if difference < leastDifference || (difference == leastDifference && isSmaller) {
                    best = (columns, rows)
                    leastDifference = difference
                }
            }
        }
        return best
    }
}
