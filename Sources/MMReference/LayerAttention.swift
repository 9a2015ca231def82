internal import MMArchitectures

/// How one layer attends.
struct LayerAttention: Sendable {
    /// The layer's place in the cache.
    let cacheLayer: Int
    /// Which angles turn queries and keys; nil where none do.
    let rotaryKind: Int?
    /// Positions that a query sees, its own among them; nil for all before it.
    let window: Int?

    init(_ configuration: DecoderConfiguration, index: Int, cacheLayer: Int) {
        let layer = configuration.layers[index]
        self.cacheLayer = cacheLayer
        rotaryKind = layer.hasRope ? (layer.isSliding && configuration.slidingRope != nil ? 1 : 0) : nil
        window = layer.isSliding ? configuration.window : nil
    }

    /// The positions that the query at `position` sees: back as far as the window goes, or to the beginning of its block
    /// where that is seen whole, and forward to the end of its block.
    func visible(from position: Int, in layout: SequenceLayout) -> Range<Int> {
        let first = window.map { max(0, position - $0 + 1) } ?? 0
        guard let block = layout.block(at: position) else { return first..<position + 1 }
        let start = layout.seesBlocksWhole ? min(first, block.lowerBound) : first
        return start..<max(position + 1, block.upperBound)
    }
}
