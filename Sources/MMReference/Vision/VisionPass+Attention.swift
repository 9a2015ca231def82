internal import CKernels
internal import MMArchitectures
internal import MMStorage

extension VisionPass {
    /// Queries that are computed together, and the tokens that they attend to.
    private struct Tile: Sendable {
        let queries: Range<Int>
        let keys: Range<Int>
    }

    /// query = softmax(queries x keys / sqrt(headWidth)) x values, every token over its frame or its window.
    func attend(isFull: Bool) {
        var tiles: [Tile] = []
        for group in isFull ? layout.frames : layout.windows {
            let queries = group.queries
            for start in stride(from: queries.lowerBound, to: queries.upperBound, by: VisionSpace.attentionTile) {
                let end = min(start + VisionSpace.attentionTile, queries.upperBound)
                tiles.append(Tile(queries: start..<end, keys: group.keys))
            }
        }
        let headCount = tower.configuration.headCount
        // Tiles of one head follow one another, so that its keys and values stay in the cache.
        team.run(parts: tiles.count * headCount) { [tiles] part, member in
            attend(tiles[part % tiles.count], head: part / tiles.count, member: member)
        }
    }

    private func attend(_ tile: Tile, head: Int, member: Int) {
        let width = tower.configuration.headWidth
        let keys = tile.keys
        let rowCount = min(layout.tokenCount, VisionSpace.attentionTile)
        // A tile of at most `rowCount` rows a member, each as long as the longest group.
        let scores = unsafe space.scores.pointer + member * rowCount * space.scoreStride
        let queries = unsafe space.query.pointer + tile.queries.lowerBound * space.width + head * width
        for row in tile.queries.indices {
            // Head `head` of a row of [token, width].
            let query = unsafe queries + (row - tile.queries.lowerBound) * space.width
            unsafe mmk_scale(query, 1 / Float(width).squareRoot(), width)
        }
        // The keys are rows of [token, width].
        unsafe mmk_matmul(
            0,
            space.key.pointer + keys.lowerBound * space.width + head * width,
            space.width * MemoryLayout<Float>.stride,
            keys.count,
            width,
            queries,
            space.width,
            tile.queries.count,
            scores,
            space.scoreStride
        )
        for row in 0..<tile.queries.count { unsafe mmk_softmax(scores + row * space.scoreStride, keys.count) }
        // Rows head * width and following of [width, token], the columns of the keys; no query of the tile is needed
        // any more, and no other tile reads this head of them.
        unsafe mmk_matmul(
            0,
            space.values.pointer + head * width * space.valueStride + keys.lowerBound,
            space.valueStride * MemoryLayout<Float>.stride,
            width,
            keys.count,
            scores,
            space.scoreStride,
            tile.queries.count,
            queries,
            space.width
        )
    }
}
