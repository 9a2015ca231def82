/// The arrangement of LLaVA-NeXT: the tile of the whole picture, then the rows of the other tiles put together, without
/// those that only pad the picture, and a new line behind every row (`pack_image_features` and `unpad_image` of
/// modeling_llava_next.py).
struct NewlineArrangement {
    let tiles: [ConnectedTokens]
    /// [width].
    let newline: FloatBuffer
    let width: Int

    func tokens(_ arrangement: TileArrangement?) throws -> PictureTokens {
        guard let first = tiles.first else { throw VisionError(.tilesDoNotFit(found: 0, rows: 0, columns: 0)) }
        var rows: [(source: FloatBuffer, row: Int)] = (0..<first.tokenCount).map { (first.values, $0) }
        if tiles.count == 1 {
            rows.append((newline, 0))
        } else {
            guard let arrangement, arrangement.rows * arrangement.columns == tiles.count - 1,
                first.rows * first.columns == first.tokenCount, arrangement.height > 0, arrangement.width > 0
            else {
                throw VisionError(
                    .tilesDoNotFit(
                        found: tiles.count - 1,
                        rows: arrangement?.rows ?? 0,
                        columns: arrangement?.columns ?? 0
                    )
                )
            }
            let kept = Self.unpadded(
                rows: arrangement.rows * first.rows,
                columns: arrangement.columns * first.columns,
                arrangement
            )
            for row in kept.rows {
                for column in kept.columns {
                    let tile = row / first.rows * arrangement.columns + column / first.columns
                    let token = row % first.rows * first.columns + column % first.columns
                    rows.append((tiles[1 + tile].values, token))
                }
                rows.append((newline, 0))
            }
        }
        let values = try FloatBuffer(count: rows.count * width)
        for (index, row) in rows.enumerated() {
            // Rows of [token, width]; the new line is one.
            unsafe (values.pointer + index * width).update(from: row.source.pointer + row.row * width, count: width)
        }
        return PictureTokens(count: rows.count, values: values)
    }

    /// The rows and columns of the whole that are of the picture and not of what pads it to the tiles' proportions.
    static func unpadded(
        rows: Int,
        columns: Int,
        _ arrangement: TileArrangement
    ) -> (rows: Range<Int>, columns: Range<Int>) {
        let (height, width) = (Double(arrangement.height), Double(arrangement.width))
        if width / height > Double(columns) / Double(rows) {
            let padding = (rows - scaled(height, by: Double(columns) / width)) / 2
            return (padding..<max(padding, rows - padding), 0..<columns)
        }
        let padding = (columns - scaled(width, by: Double(rows) / height)) / 2
        return (0..<rows, padding..<max(padding, columns - padding))
    }

    /// Python's int(round(length * factor, 7)).
    private static func scaled(_ length: Double, by factor: Double) -> Int {
        Int((length * factor * 1e7).rounded(.toNearestOrEven) / 1e7)
    }
}
