/// What a sequence holds besides tokens, by position: features of pictures in place of embeddings, positions in time and
/// space, and runs of positions that see each other. Text has none of it.
package struct SequenceLayout: Sendable {
    /// Of the first positions; those behind them follow the highest one by one.
    package var positions: [RotaryPosition]
    /// Take the place of the embeddings of their positions.
    package var features: [FeatureSpan]
    /// By layer: what is added to the residual stream behind it (the deep stack of Qwen3-VL).
    package var injections: [Int: [FeatureSpan]]
    /// Runs of positions that attend to each other in both directions; in order, and none overlaps another.
    package var blocks: [Range<Int>]
    /// Whether a sliding layer sees its block back to the beginning rather than as far as its window goes.
    package var seesBlocksWhole: Bool
    private let next: Int

    package init(
        positions: [RotaryPosition] = [],
        features: [FeatureSpan] = [],
        injections: [Int: [FeatureSpan]] = [:],
        blocks: [Range<Int>] = [],
        seesBlocksWhole: Bool = false
    ) {
        self.seesBlocksWhole = seesBlocksWhole
        self.positions = positions
        self.features = features
        self.injections = injections
        self.blocks = blocks
        next = positions.reduce(0) { max($0, $1.time + 1, $1.row + 1, $1.column + 1) }
    }

    func rotaryPosition(_ index: Int) -> RotaryPosition {
        index < positions.count ? positions[index] : RotaryPosition(next + index - positions.count)
    }

    /// Whether features take the place of the embedding of position `index`.
    func hasFeature(at index: Int) -> Bool {
        features.contains { $0.start <= index && index < $0.start + $0.count }
    }

    /// The run that position `index` belongs to.
    func block(at index: Int) -> Range<Int>? { blocks.first { $0.contains(index) } }
}

/// Features of consecutive positions, a row each.
package struct FeatureSpan: Sendable {
    /// The position of the first row.
    package let start: Int
    package let count: Int
    /// [rows, modelWidth].
    package let values: FloatBuffer
    /// The row of `values` that is the first.
    package let firstRow: Int

    package init(start: Int, count: Int, values: FloatBuffer, firstRow: Int) {
        self.start = start
        self.count = count
        self.values = values
        self.firstRow = firstRow
    }

    /// Calls `body` with each position of `range` that has a row, and the row.
    func forEach(in range: Range<Int>, _ body: (_ position: Int, _ row: Int) -> Void) {
        for position in range.clamped(to: start..<start + count) { body(position, firstRow + position - start) }
    }
}
