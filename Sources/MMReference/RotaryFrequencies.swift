internal import MMArchitectures

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The angles by which the pairs of a head turn from one position to the next.
struct RotaryFrequencies: Sendable {
    let pairing: RotaryEmbedding.Pairing
    /// Radians a position, for each of width / 2 pairs.
    let radians: [Double]
    /// The axis of the position that turns each pair.
    private let axes: [Int]
    private let attentionFactor: Double

    /// For sequences of up to `sequenceLength` positions.
    init(_ rope: RotaryEmbedding, sequenceLength: Int) {
        pairing = rope.pairing
        attentionFactor = rope.attentionFactor
        radians = rope.frequencyDivisors(sequenceLength: sequenceLength).enumerated().map { pair, divisor in
            pow(rope.theta, -2 * Double(pair) / Double(rope.width)) / divisor
        }
        axes = radians.indices.map { rope.axes?.axis(ofPair: $0) ?? 0 }
    }

    /// Writes the cosines, then the sines of all pairs at `position`: 2 * radians.count elements.
    @unsafe func write(_ position: RotaryPosition, to destination: UnsafeMutablePointer<Float>) {
        for (pair, radians) in radians.enumerated() {
            let angle = Double(position[axes[pair]]) * radians
            // pair < radians.count; the destination has twice as many elements.
            unsafe destination[pair] = Float(cos(angle) * attentionFactor)
            unsafe destination[self.radians.count + pair] = Float(sin(angle) * attentionFactor)
        }
    }

    /// Turns one head in place, by the cosines and sines that `write` gave.
    @unsafe func turn(_ head: UnsafeMutablePointer<Float>, by angles: UnsafePointer<Float>) {
        let count = radians.count
        // From pair to pair, and from the first of a pair to the second.
        let (step, distance) =
            switch pairing {
            case .half: (1, count)
            case .interleaved: (2, 1)
            }
        // A head has at least 2 * count elements, and angles has as many.
        for pair in 0..<count {
            let (first, second) = unsafe (head[pair * step], head[pair * step + distance])
            let (cosine, sine) = unsafe (angles[pair], angles[pair + count])
            unsafe head[pair * step] = first * cosine - second * sine
            unsafe head[pair * step + distance] = second * cosine + first * sine
        }
    }
}
