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
    let rotary: [RotaryFrequencies]
    let layout: SequenceLayout
    let tokenCount: Int
    let firstPosition: Int

    init(decoder: ReferenceDecoder, state: DecoderState, tokenCount: Int) {
        self.decoder = decoder
        self.tokenCount = tokenCount
        space = state.space
        cache = state.cache
        rotary = state.rotary
        layout = state.layout
        firstPosition = state.position
    }

    var team: ThreadTeam { decoder.team }
    var configuration: DecoderConfiguration { decoder.configuration }
    private var positions: Range<Int> { firstPosition..<firstPosition + tokenCount }

    /// Parts of a region over the rows of matrices: more than threads, so that a thread that is held up delays little.
    func partCount(rows: Int) -> Int {
        min(max(rows / 16, 1), team.threadCount * (tokenCount == 1 ? 2 : 4))
    }

    /// The embedding of every token, or the features in its place, into the residual stream, and the angles of every
    /// position.
    func embed(_ tokens: ArraySlice<UInt32>) throws {
        let embedding = try decoder.weights.embedding()
        for (row, token) in tokens.enumerated() {
            // The tokens were checked against the vocabulary, but for those that features take the place of below; the
            // row has room for its padding.
            let known = Int(token) < embedding.rowCount ? Int(token) : 0
            unsafe embedding.decodeRow(known, into: space.embeddingRow.pointer)
            let residual = unsafe space.residual.pointer + row * space.width
            // embeddingRow holds at least width elements.
            unsafe residual.update(from: space.embeddingRow.pointer, count: space.width)
            if configuration.embeddingScale != 1 {
                unsafe mmk_scale(residual, Float(configuration.embeddingScale), space.width)
            }
            let position = layout.rotaryPosition(firstPosition + row)
            for (kind, frequencies) in rotary.enumerated() {
                unsafe frequencies.write(position, to: angles(kind, row))
            }
        }
        for span in layout.features {
            span.forEach(in: positions) { position, row in
                // The state holds spans to the width of the model and to the rows that there are.
                unsafe (space.residual.pointer + (position - firstPosition) * space.width).update(
                    from: span.values.pointer + row * space.width,
                    count: space.width
                )
            }
        }
    }

    /// Cosines and sines of token `row`, by which kind of rotary embedding.
    @unsafe func angles(_ kind: Int, _ row: Int) -> UnsafeMutablePointer<Float> {
        // [kind, token, rotary width].
        unsafe space.angles.pointer + (kind * space.batchLimit + row) * space.angleWidth
    }

    func evaluateLayer(_ index: Int, _ layer: DecoderLayer, cacheLayer: Int) {
        normalize(with: layer.attentionNorm)
        projectQueriesKeysAndValues(layer)
        normalizeHeads(layer)
        let attention = LayerAttention(configuration, index: index, cacheLayer: cacheLayer)
        storeKeysAndValues(attention)
        attend(attention)
        addProduct(layer.output, of: space.mixed, width: space.queryWidth, norm: layer.attentionPostNorm)
        normalize(with: layer.feedForwardNorm)
        switch layer.feedForward {
        case .dense(let weights):
            gate(weights)
            addProduct(weights.down, of: space.gate, width: weights.innerWidth, norm: layer.feedForwardPostNorm)
        case .sparse(let experts): mixExperts(experts, norm: layer.feedForwardPostNorm)
        }
        for span in layout.injections[index] ?? [] {
            span.forEach(in: positions) { position, row in
                // As in `embed`.
                let residual = unsafe space.residual.pointer + (position - firstPosition) * space.width
                unsafe mmk_add(residual, span.values.pointer + row * space.width, space.width)
            }
        }
    }

    /// normed = norm(residual), or the residual as it is where there is no norm.
    func normalize(with weight: FloatBuffer?) {
        guard let weight else {
            unsafe space.normed.pointer.update(from: space.residual.pointer, count: tokenCount * space.width)
            return
        }
        normalize(space.residual, with: weight, into: space.normed)
    }

    /// A region: `output` = norm(`input`), both [token, width].
    func normalize(_ input: FloatBuffer, with weight: FloatBuffer, into output: FloatBuffer) {
        let parts = min((tokenCount + 7) / 8, team.threadCount)
        team.run(parts: parts) { part in
            for token in tokenCount * part / parts..<tokenCount * (part + 1) / parts {
                let offset = token * space.width
                unsafe norm(input.pointer + offset, weight, space.width, into: output.pointer + offset)
            }
        }
    }

    /// RMSNorm of `count` elements, as many as `weight` has.
    @unsafe private func norm(
        _ input: UnsafePointer<Float>,
        _ weight: FloatBuffer,
        _ count: Int,
        into output: UnsafeMutablePointer<Float>
    ) {
        unsafe mmk_rms_norm(
            input,
            weight.pointer,
            Float(configuration.normOffset),
            Float(configuration.normEpsilon),
            count,
            output
        )
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

    /// The norms of queries and keys, in place: of every head, or of all together.
    private func normalizeHeads(_ layer: DecoderLayer) {
        guard let queryNorm = layer.queryNorm, let keyNorm = layer.keyNorm else { return }
        let parts = min((tokenCount + 7) / 8, team.threadCount)
        team.run(parts: parts) { part in
            for token in tokenCount * part / parts..<tokenCount * (part + 1) / parts {
                for (buffer, width, weight) in [
                    (space.query, space.queryWidth, queryNorm), (space.key, space.keyWidth, keyNorm),
                ] {
                    for start in stride(from: 0, to: width, by: weight.count) {
                        // [token, width], of which the weight's count is a divisor.
                        let head = unsafe buffer.pointer + token * width + start
                        unsafe norm(head, weight, weight.count, into: head)
                    }
                }
            }
        }
    }

    /// The rows of `matrix` that `share` has, when the first of them is row `first` of all matrices of a region.
    func multiply(_ matrix: WeightMatrix, _ share: Range<Int>, from first: Int, into output: FloatBuffer) {
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

    /// residual += matrix x input, or its norm.
    private func addProduct(_ matrix: WeightMatrix, of input: FloatBuffer, width: Int, norm: FloatBuffer?) {
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
            guard norm == nil else { return }
            for token in 0..<tokenCount {
                let offset = token * matrix.rowCount + rows.lowerBound
                unsafe mmk_add(space.residual.pointer + offset, space.delta.pointer + offset, rows.count)
            }
        }
        if let norm { addDelta(norm: norm) }
    }

    /// residual += norm(delta), or delta as it is.
    func addDelta(norm: FloatBuffer?) {
        if let norm { normalize(space.delta, with: norm, into: space.delta) }
        // Both are [token, width].
        unsafe mmk_add(space.residual.pointer, space.delta.pointer, tokenCount * space.width)
    }

    /// gate = activation(gate x normed) * (up x normed), [token, innerWidth].
    func gate(_ weights: GatedWeights) {
        let innerWidth = weights.innerWidth
        let parts = partCount(rows: 2 * innerWidth)
        team.run(parts: parts) { part in
            let rows = innerWidth.share(part, of: parts)
            multiply(weights.gate, rows, from: 0, into: space.gate)
            multiply(weights.up, rows, from: 0, into: space.up)
            for token in 0..<tokenCount {
                let offset = token * innerWidth + rows.lowerBound
                // Both are [token, innerWidth].
                unsafe activate(space.gate.pointer + offset, space.up.pointer + offset, rows.count)
            }
        }
    }

    /// gate = activation(gate) * up.
    @unsafe func activate(_ gate: UnsafeMutablePointer<Float>, _ up: UnsafePointer<Float>, _ count: Int) {
        switch configuration.activation {
        case .silu: unsafe mmk_silu_mul(gate, up, count, gate)
        case .geluTanh: unsafe mmk_gelu_tanh_mul(gate, up, count, gate)
        case .gelu:
            unsafe mmk_gelu_erf(gate, count)
            unsafe mmk_mul(gate, up, count)
        }
    }
}
