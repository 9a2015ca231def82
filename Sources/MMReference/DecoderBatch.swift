internal import CKernels
internal import MMArchitectures
internal import MMStorage

/// One batch of tokens on its way through the layers.
///
/// Every step is a region of the team; between two regions everything of the first has been written. In all of it a
/// buffer of [token, width] has batchLimit rows and `tokenCount` is no more, so row offsets are in bounds.
struct DecoderBatch: Sendable {
    let decoder: ReferenceDecoder
    let space: DecoderSpace
    let cache: KeyValueCache
    let tokenCount: Int
    let firstPosition: Int

    init(decoder: ReferenceDecoder, state: DecoderState, tokenCount: Int) {
        self.decoder = decoder
        self.tokenCount = tokenCount
        space = state.space
        cache = state.cache
        firstPosition = state.position
    }

    var team: ThreadTeam { decoder.team }

    /// Parts of a region over the rows of matrices: more than threads, so that a thread that is held up delays little.
    private func partCount(rows: Int) -> Int {
        min(max(rows / 16, 1), team.threadCount * (tokenCount == 1 ? 2 : 4))
    }

    /// The embedding of every token into the residual stream, and the angles of every position.
    func embed(_ tokens: ArraySlice<UInt32>) {
        let rotaryWidth = decoder.configuration.rope.width
        for (row, token) in tokens.enumerated() {
            // The tokens were checked against the vocabulary; the row has room for its padding.
            unsafe decoder.embedding.decodeRow(Int(token), into: space.embeddingRow.pointer)
            // embeddingRow holds at least width elements.
            unsafe (space.residual.pointer + row * space.width).update(
                from: space.embeddingRow.pointer,
                count: space.width
            )
            unsafe decoder.rotary.write(position: firstPosition + row, to: space.angles.pointer + row * rotaryWidth)
        }
    }

    func evaluateLayer(_ index: Int) {
        let layer = decoder.layers[index]
        normalize(with: layer.attentionNorm)
        projectQueriesKeysAndValues(layer)
        storeKeysAndValues(layer: index)
        attend(layer: index)
        addProduct(layer.output, of: space.mixed, width: space.queryWidth)
        normalize(with: layer.feedForwardNorm)
        feedForward(layer)
        addProduct(layer.down, of: space.gate, width: space.innerWidth)
    }

    /// normed = norm(residual).
    func normalize(with weight: FloatBuffer) {
        let (offset, epsilon) = (
            Float(decoder.configuration.normOffset), Float(decoder.configuration.normEpsilon)
        )
        let parts = min((tokenCount + 7) / 8, team.threadCount)
        team.run(parts: parts) { part in
            for token in tokenCount * part / parts..<tokenCount * (part + 1) / parts {
                unsafe mmk_rms_norm(
                    space.residual.pointer + token * space.width,
                    weight.pointer,
                    offset,
                    epsilon,
                    space.width,
                    space.normed.pointer + token * space.width
                )
            }
        }
    }

    private func projectQueriesKeysAndValues(_ layer: DecoderLayer) {
        let rows = space.queryWidth + 2 * space.keyWidth
        let parts = partCount(rows: rows)
        team.run(parts: parts) { part in
            let share = rows.share(part, of: parts)
            multiply(layer.query, share, from: 0, into: space.query)
            multiply(layer.key, share, from: space.queryWidth, into: space.key)
            multiply(layer.value, share, from: space.queryWidth + space.keyWidth, into: space.value)
        }
    }

    /// The rows of `matrix` that `share` has, when the first of them is row `first` of all matrices of a region.
    private func multiply(_ matrix: WeightMatrix, _ share: Range<Int>, from first: Int, into output: FloatBuffer) {
        let rows = share.clamped(to: first..<first + matrix.rowCount)
        // The input is [token, columnCount], the output [token, rowCount].
        unsafe matrix.multiply(
            rows: rows.lowerBound - first..<rows.upperBound - first,
            input: space.normed.pointer,
            inputStride: space.width,
            tokenCount: tokenCount,
            output: output.pointer,
            outputStride: matrix.rowCount
        )
    }

    /// residual += matrix x input.
    private func addProduct(_ matrix: WeightMatrix, of input: FloatBuffer, width: Int) {
        let parts = partCount(rows: matrix.rowCount)
        team.run(parts: parts) { part in
            let rows = matrix.rowCount.share(part, of: parts)
            // The input is [token, width], the output [token, rowCount].
            unsafe matrix.multiply(
                rows: rows,
                input: input.pointer,
                inputStride: width,
                tokenCount: tokenCount,
                output: space.delta.pointer,
                outputStride: matrix.rowCount
            )
            for token in 0..<tokenCount {
                let offset = token * matrix.rowCount + rows.lowerBound
                unsafe mmk_add(space.residual.pointer + offset, space.delta.pointer + offset, rows.count)
            }
        }
    }

    /// gate = silu(gate x normed) * (up x normed).
    private func feedForward(_ layer: DecoderLayer) {
        let parts = partCount(rows: 2 * space.innerWidth)
        team.run(parts: parts) { part in
            let rows = space.innerWidth.share(part, of: parts)
            multiply(layer.gate, rows, from: 0, into: space.gate)
            multiply(layer.up, rows, from: 0, into: space.up)
            for token in 0..<tokenCount {
                let offset = token * space.innerWidth + rows.lowerBound
                let gate = unsafe space.gate.pointer + offset
                // Both are [token, innerWidth].
                switch decoder.configuration.activation {
                case .silu: unsafe mmk_silu_mul(gate, space.up.pointer + offset, rows.count, gate)
                }
            }
        }
    }
}
