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
    /// - Parameter progress: is told how many tokens have been dealt with, as they are.
    /// - Throws: `ParityError.noTokens` for fewer than 2 tokens; `ReferenceError`; what `progress` throws.
    package func compare(
        _ tokens: [UInt32],
        progress: (_ tokenCount: Int) throws -> Void = { _ in }
    ) throws -> LogitsComparison {
        guard tokens.count > 1 else { throw ParityError(.noTokens) }
        let capacity = min(windowLength, tokens.count)
        let states = (try base.makeState(capacity: capacity), try other.makeState(capacity: capacity))
        let vocabularyCount = base.configuration.vocabularyCount
        // All of them now: a token is looked up as the one that follows before it is evaluated.
        for (position, id) in tokens.enumerated() where id >= vocabularyCount {
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
            for start in stride(from: window, to: end, by: states.0.batchLimit) {
                let batch = tokens[start..<min(start + states.0.batchLimit, end)]
                try base.advance(batch, state: states.0)
                try other.advance(batch, state: states.1)
                for row in stride(from: 0, to: batch.count, by: Self.tile) {
                    let rows = row..<min(row + Self.tile, batch.count)
                    try base.computeLogits(of: rows, state: states.0, into: space.0)
                    try other.computeLogits(of: rows, state: states.1, into: space.1)
                    // A window's last token predicts nothing that the same window holds.
                    let next = rows.map { start + $0 + 1 < end ? tokens[start + $0 + 1] : nil }
                    positions += compare(space.0, space.1, next: next)
                }
                try progress(batch.count)
            }
        }
        return try LogitsComparison(positions)
    }

    private func compare(_ first: FloatBuffer, _ second: FloatBuffer, next: [UInt32?]) -> [PositionComparison] {
        let count = base.configuration.vocabularyCount
        let results = PositionComparisons(count: next.count)
        base.team.run(parts: next.count) { row in
            let range = row * count..<(row + 1) * count
            results.set(
                row,
                PositionComparison(base: first.values(range), other: second.values(range), next: next[row])
            )
        }
        return results.values
    }
}
