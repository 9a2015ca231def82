internal import MMArchitectures
internal import MMBytes

/// What a decoder remembers of a sequence: keys and values of all positions so far, in f32, and the space that it works
/// in. Used by one thread at a time.
package final class DecoderState {
    /// Positions that there is room for.
    package let capacity: Int
    /// Tokens that are evaluated together at most.
    package let batchLimit: Int
    /// The position of the next token.
    package internal(set) var position = 0
    /// Tokens of the last batch: rows of `hidden` that hold its activations after the final norm.
    package internal(set) var lastBatchCount = 0

    /// Far above any context, and low enough that products with widths and threads fit.
    private static let capacityLimit = 1 << 40

    /// What the sequence holds besides tokens; to be set before its positions are evaluated.
    package var layout = SequenceLayout()

    /// Whether a second batch of a sequence can follow the first.
    let isCachingAllLayers: Bool
    let configuration: DecoderConfiguration
    /// Of the layers that do not slide, and of those that do where they differ.
    let rotary: [RotaryFrequencies]
    let cache: KeyValueCache
    let space: DecoderSpace
    let threadCount: Int
    var logitsSpace: FloatBuffer?

    init(
        configuration: DecoderConfiguration,
        capacity: Int,
        batchLimit: Int,
        cachedLayerCount: Int,
        threadCount: Int,
        embeddingRowCount: Int
    ) throws {
        guard capacity > 0, capacity <= Self.capacityLimit else {
            throw ReferenceError(.impossibleConfiguration(.capacity, capacity))
        }
        isCachingAllLayers = cachedLayerCount == configuration.layerCount
        self.configuration = configuration
        rotary = [configuration.rope, configuration.slidingRope].compactMap { rope in
            rope.map { RotaryFrequencies($0, sequenceLength: capacity) }
        }
        self.capacity = capacity
        self.threadCount = threadCount
        self.batchLimit = min(max(batchLimit, 1), capacity)
        cache = try KeyValueCache(configuration: configuration, layerCount: cachedLayerCount, capacity: capacity)
        space = try DecoderSpace(
            configuration: configuration,
            batchLimit: self.batchLimit,
            capacity: capacity,
            threadCount: threadCount,
            embeddingRowCount: embeddingRowCount
        )
    }

    /// Forgets all positions from `position` on.
    package func rewind(to position: Int = 0) {
        precondition(position >= 0 && position <= self.position)
        self.position = position
        lastBatchCount = 0
    }
}
