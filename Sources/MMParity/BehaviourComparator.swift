internal import MMArchitectures
package import MMReference
internal import MMStorage

/// Runs two models side by side on the same tokens: batch by batch, logits of a few positions at a time, so that memory
/// does not depend on the length of the text.
package struct BehaviourComparator: Sendable {
    private let base: ReferenceDecoder
    private let other: ReferenceDecoder
    private let windowLength: Int

    /// Positions whose logits are compared together.
    private static let tile = 16
    /// Tokens that are evaluated together, unless more see each other.
    private static let batchLimit = 64

    /// - Parameter windowLength: tokens that a model sees together; a longer text is cut into windows, each without
    ///   memory of those before it.
    /// - Throws: `ParityError` when the models have vocabularies of different sizes.
    package init(base: ReferenceDecoder, other: ReferenceDecoder, windowLength: Int = 512) throws {
        let sizes = (base.configuration.vocabularyCount, other.configuration.vocabularyCount)
        guard sizes.0 == sizes.1 else { throw ParityError(.vocabulariesDiffer(base: sizes.0, other: sizes.1)) }
        self.base = base
        self.other = other
        self.windowLength = max(windowLength, 2)
    }

    /// Compares what the models say after every token.
    ///
    /// - Throws: as `compare(_:into:progress:)`.
    package func compare(
        _ tokens: [UInt32],
        progress: (_ tokenCount: Int) throws -> Void = { _ in }
    ) throws -> LogitsComparison {
        try compare(ComparedSequence(tokens), into: ActivationLog(), progress: progress)
    }

    /// Compares what the models compute of every token, and what they say after those that are text.
    ///
    /// - Parameters:
    ///   - log: is given every activation.
    ///   - progress: is told how many tokens have been dealt with, as they are.
    /// - Throws: `ParityError.noTokens` for fewer than 2 tokens; `ReferenceError`; what `progress` throws.
    package func compare(
        _ sequence: ComparedSequence,
        into log: ActivationLog,
        progress: (_ tokenCount: Int) throws -> Void = { _ in }
    ) throws -> LogitsComparison {
        let tokens = sequence.ids
        guard tokens.count > 1 else { throw ParityError(.noTokens) }
        let capacity = min(windowLength, tokens.count)
        let batchLimit = max(Self.batchLimit, sequence.longestBlock)
        let states = (
            try base.makeState(capacity: capacity, batchLimit: batchLimit),
            try other.makeState(capacity: capacity, batchLimit: batchLimit)
        )
        (states.0.layout, states.1.layout) = (sequence.base, sequence.other)
        let vocabularyCount = base.configuration.vocabularyCount
        // All of them now: a token is looked up as the one that follows before it is evaluated.
        for (position, id) in tokens.enumerated() where id >= vocabularyCount && !sequence.isPicture(position) {
            throw ReferenceError(.tokenOutOfRange(id: id, position: position, vocabularyCount: vocabularyCount))
        }
        let space = (
            try FloatBuffer(count: Self.tile * vocabularyCount, isZeroed: false),
            try FloatBuffer(count: Self.tile * vocabularyCount, isZeroed: false)
        )
        var positions: [PositionComparison] = []
        positions.reserveCapacity(tokens.count)
        for window in stride(from: 0, to: tokens.count, by: windowLength) {
            let end = min(window + windowLength, tokens.count)
            states.0.rewind()
            states.1.rewind()
            var start = window
            while start < end {
                let batch = try base.nextBatch(of: tokens[start..<end], state: states.0)
                try advance(batch, states, into: log)
                for row in stride(from: 0, to: batch.count, by: Self.tile) {
                    let rows = row..<min(row + Self.tile, batch.count)
                    guard rows.contains(where: { !sequence.isPicture(start + $0) }) else { continue }
                    try base.computeLogits(of: rows, state: states.0, into: space.0)
                    try other.computeLogits(of: rows, state: states.1, into: space.1)
                    let texts = rows.filter { !sequence.isPicture(start + $0) }
                    // A window's last token predicts nothing that the same window holds.
                    positions += compare(
                        texts.map { $0 - row },
                        of: space,
                        next: texts.map { sequence.next(start + $0, end: end) }
                    )
                }
                start += batch.count
                try progress(batch.count)
            }
        }
        let elementCount = positions.count * vocabularyCount
        log.append(FeatureComparison(name: "logits", elementCount: elementCount, positions: positions))
        return try LogitsComparison(positions)
    }

    /// Both models on one batch, layer by layer.
    private func advance(
        _ batch: ArraySlice<UInt32>,
        _ states: (DecoderState, DecoderState),
        into log: ActivationLog
    ) throws {
        try base.advance(batch, state: states.0, beside: other, state: states.1) { activation, a, aCount, b, bCount in
            log.add(
                activation.description,
                base: a.values(0..<aCount),
                other: b.values(0..<bCount),
                width: base.configuration.modelWidth
            )
        }
    }

    /// Rows of the logits in `space`.
    private func compare(
        _ rows: [Int],
        of space: (FloatBuffer, FloatBuffer),
        next: [UInt32?]
    ) -> [PositionComparison] {
        let count = base.configuration.vocabularyCount
        let results = PositionComparisons(count: next.count)
        let (first, second) = space
        base.team.run(parts: next.count) { part in
            let range = rows[part] * count..<(rows[part] + 1) * count
            results.set(
                part,
                PositionComparison(base: first.values(range), other: second.values(range), next: next[part])
            )
        }
        return results.values
    }
}
