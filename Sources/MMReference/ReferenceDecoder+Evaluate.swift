internal import CKernels
internal import MMArchitectures
internal import MMStorage

extension ReferenceDecoder {
    /// Of which positions logits are computed.
    package enum LogitsWanted: Sendable, Hashable {
        case all
        case last
        case none
    }

    /// Evaluates `tokens` from the state's position on, batch by batch, and appends them to the state.
    ///
    /// - Parameters:
    ///   - wanting: the positions whose logits are computed; memory holds those of a few positions at a time.
    ///   - probe: is shown the activations of every position.
    ///   - logits: is shown vocabularyCount logits a position, in order, on the calling thread.
    /// - Throws: `ReferenceError` for a token outside the vocabulary and for more positions than the state has room
    ///   for, both before anything is evaluated; what `probe` and `logits` throw.
    package func evaluate(
        _ tokens: [UInt32],
        state: DecoderState,
        wanting: LogitsWanted = .all,
        probe: DecoderProbe? = nil,
        logits: (_ position: Int, _ logits: Span<Float>) throws -> Void
    ) throws {
        try check(tokens[...], for: state)
        var rest = tokens[...]
        while !rest.isEmpty {
            let batch = try nextBatch(of: rest, state: state)
            rest = rest.dropFirst(batch.count)
            try advance(batch, state: state, probe: probe)
            let rows = rowsWanted(wanting, of: batch.count, isLast: rest.isEmpty)
            let first = state.position - batch.count
            try forEachLogits(rows: rows, state: state) { row, values in
                try probe?(.logits, first + row, values)
                try logits(first + row, values)
            }
        }
    }

    /// Evaluates `tokens` for the state that they leave, and for the time that it takes.
    ///
    /// - Throws: as `evaluate(_:state:wanting:probe:logits:)`.
    package func evaluate(_ tokens: [UInt32], state: DecoderState, wanting: LogitsWanted = .none) throws {
        try evaluate(tokens, state: state, wanting: wanting, probe: nil, logits: { _, _ in })
    }

    /// Evaluates one batch of at most `state.batchLimit` tokens; the activations after the final norm stay in the
    /// state for `computeLogits`.
    ///
    /// - Throws: as `evaluate`.
    package func advance(_ tokens: ArraySlice<UInt32>, state: DecoderState, probe: DecoderProbe? = nil) throws {
        guard let batch = try begin(tokens, state: state) else { return }
        try show(.embedding, batch.space.residual, batch, to: probe)
        for index in configuration.layers.indices {
            try evaluateLayer(index, of: batch)
            try show(.layer(index), batch.space.residual, batch, to: probe)
        }
        finish(batch, state: state)
        try show(.finalNorm, batch.space.normed, batch, to: probe)
    }

    /// Evaluates one batch as `advance` does, beside another decoder: a layer of one and the same layer of the other.
    ///
    /// - Parameter comparing: is shown each activation of both, all positions of it: the first `count` and `otherCount`
    ///   elements.
    /// - Throws: as `evaluate`; what `comparing` throws.
    package func advance(
        _ tokens: ArraySlice<UInt32>,
        state: DecoderState,
        beside other: ReferenceDecoder,
        state otherState: DecoderState,
        comparing: (
            _ activation: DecoderActivation, _ values: FloatBuffer, _ count: Int, _ other: FloatBuffer,
            _ otherCount: Int
        ) throws -> Void
    ) throws {
        guard let batch = try begin(tokens, state: state),
            let otherBatch = try other.begin(tokens, state: otherState)
        else { return }
        let counts = (
            tokens.count * configuration.modelWidth, tokens.count * other.configuration.modelWidth
        )
        let (residual, otherResidual) = (batch.space.residual, otherBatch.space.residual)
        try comparing(.embedding, residual, counts.0, otherResidual, counts.1)
        for index in 0..<max(configuration.layerCount, other.configuration.layerCount) {
            if index < configuration.layerCount { try evaluateLayer(index, of: batch) }
            if index < other.configuration.layerCount { try other.evaluateLayer(index, of: otherBatch) }
            try comparing(.layer(index), residual, counts.0, otherResidual, counts.1)
        }
        finish(batch, state: state)
        other.finish(otherBatch, state: otherState)
        try comparing(.finalNorm, batch.space.normed, counts.0, otherBatch.space.normed, counts.1)
    }

    /// The embedding of a batch; nil for no tokens.
    private func begin(_ tokens: ArraySlice<UInt32>, state: DecoderState) throws -> DecoderBatch? {
        precondition(tokens.count <= state.batchLimit)
        try check(tokens, for: state)
        guard !tokens.isEmpty else { return nil }
        let batch = DecoderBatch(decoder: self, state: state, tokenCount: tokens.count)
        try batch.embed(tokens)
        weights.releaseMatrices()
        return batch
    }

    private func evaluateLayer(_ index: Int, of batch: DecoderBatch) throws {
        batch.evaluateLayer(index, try weights.layer(index), cacheLayer: isStreaming ? 0 : index)
    }

    private func finish(_ batch: DecoderBatch, state: DecoderState) {
        batch.normalize(with: weights.finalNorm)
        state.position += batch.tokenCount
        state.lastBatchCount = batch.tokenCount
    }

    /// As many of the tokens as fit a batch, positions that see each other not divided.
    package func nextBatch(of tokens: ArraySlice<UInt32>, state: DecoderState) throws -> ArraySlice<UInt32> {
        let batch = tokens.prefix(state.batchLimit)
        let end = state.position + batch.count
        guard batch.count < tokens.count, let block = state.layout.block(at: end), block.lowerBound < end else {
            return batch
        }
        guard block.lowerBound > state.position else {
            throw ReferenceError(.blockTooLong(count: block.count, batchLimit: state.batchLimit))
        }
        return tokens.prefix(block.lowerBound - state.position)
    }

    /// Logits of rows of the last batch, [row, vocabularyCount], into the beginning of `destination`.
    ///
    /// - Throws: `ReferenceError.noLogits` when the last batch has no such rows.
    package func computeLogits(of rows: Range<Int>, state: DecoderState, into destination: FloatBuffer) throws {
        guard rows.lowerBound >= 0, rows.upperBound <= state.lastBatchCount else { throw ReferenceError(.noLogits) }
        let head = try weights.head()
        precondition(destination.count >= rows.count * head.rowCount)
        let (normed, width) = (state.space.normed, state.space.width)
        // 64 rows of the vocabulary and more to a part.
        let parts = min(max(head.rowCount / 64, 1), team.threadCount * 8)
        team.run(parts: parts) { part in
            // Rows are within the last batch, and destination holds rows.count x rowCount elements.
            unsafe head.multiply(
                rows: head.rowCount.share(part, of: parts),
                input: normed.pointer + rows.lowerBound * width,
                inputStride: width,
                tokenCount: rows.count,
                output: destination.pointer,
                outputStride: head.rowCount
            )
        }
        if let cap = configuration.finalSoftcap {
            // All of what was written.
            unsafe mmk_softcap(destination.pointer, Float(cap), rows.count * head.rowCount)
        }
    }

    /// Positions whose logits are computed together.
    private static var logitsTile: Int { 16 }

    private func forEachLogits(
        rows: Range<Int>,
        state: DecoderState,
        _ body: (_ row: Int, _ logits: Span<Float>) throws -> Void
    ) throws {
        guard !rows.isEmpty else { return }
        let count = configuration.vocabularyCount
        let needed = min(rows.count, Self.logitsTile) * count
        let space = try state.logitsSpace.flatMap { $0.count >= needed ? $0 : nil } ?? FloatBuffer(count: needed)
        state.logitsSpace = space
        for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.logitsTile) {
            let tile = start..<min(start + Self.logitsTile, rows.upperBound)
            try computeLogits(of: tile, state: state, into: space)
            for row in tile {
                try body(row, space.values((row - start) * count..<(row - start + 1) * count))
            }
        }
    }

    private func rowsWanted(_ wanting: LogitsWanted, of count: Int, isLast: Bool) -> Range<Int> {
        switch wanting {
        case .all: 0..<count
        case .last: isLast ? count - 1..<count : 0..<0
        case .none: 0..<0
        }
    }

    private func check(_ tokens: ArraySlice<UInt32>, for state: DecoderState) throws {
        guard state.configuration == configuration, state.threadCount >= team.threadCount,
            state.isCachingAllLayers || (isStreaming && state.position == 0)
        else { throw ReferenceError(.stateOfAnotherModel) }
        guard tokens.count <= state.capacity - state.position else {
            throw ReferenceError(
                .contextOverflow(needed: state.position + tokens.count, capacity: state.capacity)
            )
        }
        let limit = configuration.vocabularyCount
        for (index, id) in zip(tokens.indices, tokens) where id >= limit {
            let position = state.position + index - tokens.startIndex
            // A placeholder need not be a token: features take its place.
            if state.layout.hasFeature(at: position) { continue }
            throw ReferenceError(.tokenOutOfRange(id: id, position: position, vocabularyCount: limit))
        }
    }

    private func show(
        _ activation: DecoderActivation,
        _ buffer: FloatBuffer,
        _ batch: DecoderBatch,
        to probe: DecoderProbe?
    ) throws {
        guard let probe else { return }
        let width = configuration.modelWidth
        for token in 0..<batch.tokenCount {
            try probe(activation, batch.firstPosition + token, buffer.values(token * width..<(token + 1) * width))
        }
    }
}
