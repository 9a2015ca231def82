internal import CKernels
internal import MMArchitectures
internal import MMStorage

/// One picture on its way through the layers of a tower.
///
/// Every step is a region of the team; between two regions everything of the first has been written. In all of it a
/// buffer of [token, width] has `layout.tokenCount` rows and one of [block, width] `space.blockCount`, a block being
/// no longer, so row offsets are in bounds.
struct VisionPass: Sendable {
    let tower: VisionTower
    let layout: VisionLayout
    let space: VisionSpace
    /// Cosines and sines of every patch; nil without a rotary embedding.
    let angles: FloatBuffer?

    init(tower: VisionTower, input: VisionInput) throws {
        let configuration = tower.configuration
        let layout = try input.tokenLayout(for: configuration)
        self.tower = tower
        self.layout = layout
        space = try VisionSpace(configuration: configuration, layout: layout, threadCount: tower.team.threadCount)
        angles = try tower.rotary?.angles(of: layout.places)
    }

    var team: ThreadTeam { tower.team }

    /// Tokens, block after block.
    private var blocks: [Range<Int>] {
        stride(from: 0, to: layout.tokenCount, by: space.blockCount).map {
            $0..<min($0 + space.blockCount, layout.tokenCount)
        }
    }

    func evaluateLayer(_ index: Int, _ layer: VisionLayer) {
        for block in blocks {
            normalize(block, with: layer.attentionNorm)
            projectQueriesKeysAndValues(block, layer)
            turn(block, layer)
            storeValues(block)
        }
        attend(isFull: tower.configuration.window?.fullLayers.contains(index) ?? true)
        for block in blocks {
            add(layer.output, of: space.query, from: block.lowerBound, layer.attentionScale, to: block)
            normalize(block, with: layer.feedForwardNorm)
            feedForward(block, layer)
            add(layer.down, of: layer.gate == nil ? space.up : space.gate, from: 0, layer.feedForwardScale, to: block)
        }
    }

    /// Runs `body` for shares of the tokens of a block.
    func forTokens(of block: Range<Int>, _ body: @Sendable (_ tokens: Range<Int>) -> Void) {
        let parts = min((block.count + 7) / 8, team.threadCount * 2)
        team.run(parts: parts) { part in
            let first = block.lowerBound + block.count * part / parts
            body(first..<block.lowerBound + block.count * (part + 1) / parts)
        }
    }

    /// Parts of a region over the rows of matrices: more than threads, so that a thread that is held up delays little.
    private func partCount(rows: Int) -> Int { min(max(rows / 16, 1), team.threadCount * 4) }

    /// normed = norm(stream), of a block.
    private func normalize(_ block: Range<Int>, with norm: NormWeights) {
        forTokens(of: block) { tokens in
            for token in tokens {
                // A row of [token, width] into a row of [block, width].
                unsafe norm.apply(
                    space.stream.pointer + token * space.width,
                    to: space.normed.pointer + (token - block.lowerBound) * space.width
                )
            }
        }
    }

    private func projectQueriesKeysAndValues(_ block: Range<Int>, _ layer: VisionLayer) {
        let parts = partCount(rows: 3 * space.width)
        let offset = block.lowerBound * space.width
        team.run(parts: parts) { part in
            let rows = (3 * space.width).share(part, of: parts)
            // Queries and keys of all tokens, at the block's; values of the block.
            unsafe multiply(layer.query, rows, from: 0, into: space.query.pointer + offset, block.count)
            unsafe multiply(layer.key, rows, from: space.width, into: space.key.pointer + offset, block.count)
            unsafe multiply(layer.value, rows, from: 2 * space.width, into: space.value.pointer, block.count)
        }
    }

    /// The rows of `matrix` that `share` has, when the first of them is row `first` of all matrices of a region.
    @unsafe private func multiply(
        _ matrix: WeightMatrix,
        _ share: Range<Int>,
        from first: Int,
        into output: UnsafeMutablePointer<Float>,
        _ tokenCount: Int
    ) {
        let rows = share.clamped(to: first..<first + matrix.rowCount)
        // The input is [block, columnCount], the output [token, rowCount] with `tokenCount` rows and more.
        unsafe matrix.multiply(
            rows: rows.lowerBound - first..<rows.upperBound - first,
            input: space.normed.pointer,
            inputStride: space.width,
            tokenCount: tokenCount,
            output: output,
            outputStride: matrix.rowCount
        )
    }

    /// The norms of queries and keys, and their turning by where they are.
    private func turn(_ block: Range<Int>, _ layer: VisionLayer) {
        guard layer.queryNorm != nil || angles != nil else { return }
        let width = tower.configuration.headWidth
        forTokens(of: block) { tokens in
            for token in tokens {
                // Rows of [token, width]: whole heads of `width` elements.
                let (query, key) = unsafe (
                    space.query.pointer + token * space.width, space.key.pointer + token * space.width
                )
                if let queryNorm = layer.queryNorm { unsafe Self.apply(queryNorm, to: query, count: space.width) }
                if let keyNorm = layer.keyNorm { unsafe Self.apply(keyNorm, to: key, count: space.width) }
                guard let angles, token >= layout.leadCount else { continue }
                // A row of angles a patch.
                let turning = unsafe angles.pointer + (token - layout.leadCount) * width
                for head in stride(from: 0, to: space.width, by: width) {
                    unsafe AxialRotary.turn(query + head, width: width, by: turning)
                    unsafe AxialRotary.turn(key + head, width: width, by: turning)
                }
            }
        }
    }

    /// The norm of a row of `count` elements, piece by piece where the norm is narrower.
    @unsafe private static func apply(_ norm: NormWeights, to row: UnsafeMutablePointer<Float>, count: Int) {
        for start in stride(from: 0, to: count, by: norm.width) {
            // The norm's width divides the row's.
            unsafe norm.apply(row + start, to: row + start)
        }
    }

    /// The values of a block, transposed, beside those of the blocks before.
    private func storeValues(_ block: Range<Int>) {
        let parts = partCount(rows: space.width)
        team.run(parts: parts) { part in
            for element in space.width.share(part, of: parts) {
                // Row `element` of [width, token], and column `element` of [block, width].
                let row = unsafe space.values.pointer + element * space.valueStride + block.lowerBound
                let source = unsafe space.value.pointer + element
                for token in 0..<block.count { unsafe row[token] = source[token * space.width] }
            }
        }
    }

    /// stream += scale * (matrix x input), of a block; the input is [token, columnCount] from token `first` on.
    private func add(
        _ matrix: WeightMatrix,
        of input: FloatBuffer,
        from first: Int,
        _ scale: FloatBuffer?,
        to block: Range<Int>
    ) {
        let parts = partCount(rows: matrix.rowCount)
        team.run(parts: parts) { part in
            let rows = matrix.rowCount.share(part, of: parts)
            // The output is [block, width]; both have the block's tokens.
            unsafe matrix.multiply(
                rows: rows,
                input: input.pointer + first * matrix.columnCount,
                inputStride: matrix.columnCount,
                tokenCount: block.count,
                output: space.delta.pointer,
                outputStride: space.width
            )
            for token in 0..<block.count {
                let delta = unsafe space.delta.pointer + token * space.width + rows.lowerBound
                if let scale {
                    // The scale has `width` elements.
                    let factors = unsafe scale.pointer + rows.lowerBound
                    for index in 0..<rows.count { unsafe delta[index] *= factors[index] }
                }
                let target = unsafe space.stream.pointer + (block.lowerBound + token) * space.width + rows.lowerBound
                unsafe mmk_add(target, delta, rows.count)
            }
        }
    }

    /// gate = activation(gate x normed) * (up x normed), or up = activation(up x normed), of a block.
    private func feedForward(_ block: Range<Int>, _ layer: VisionLayer) {
        let parts = partCount(rows: 2 * space.innerWidth)
        let activation = tower.configuration.activation
        team.run(parts: parts) { part in
            let rows = space.innerWidth.share(part, of: parts)
            unsafe multiply(layer.up, rows, from: 0, into: space.up.pointer, block.count)
            if let gate = layer.gate { unsafe multiply(gate, rows, from: 0, into: space.gate.pointer, block.count) }
            for token in 0..<block.count {
                let offset = token * space.innerWidth + rows.lowerBound
                // Both are [block, innerWidth].
                let up = unsafe space.up.pointer + offset
                if layer.gate == nil {
                    unsafe activation.apply(to: up, count: rows.count)
                } else {
                    unsafe activation.apply(to: space.gate.pointer + offset, times: up, count: rows.count)
                }
            }
        }
    }
}
