package import MMBytes

/// How one named activation of two models differs, over all tokens and pictures that it was seen on.
package struct FeatureComparison: Sendable, Hashable {
    /// Such as "vision.layer.3".
    package let name: String
    package private(set) var elementCount = 0
    /// Elements that differ in a bit.
    package private(set) var unequalCount = 0
    /// max |a|, a being the source's.
    private var largest = 0.0
    /// max |a - b|
    private var difference = 0.0
    private var hasNaN = false
    /// Tokens, and the sum over them of |a - b| / |a| by the Euclidean norm.
    private var tokenCount = 0
    private var departures = 0.0

    /// max |a - b| / max |a|, a being the source's; NaN where an element is.
    package var relativeDifference: Double { hasNaN ? .nan : difference == 0 ? 0 : difference / largest }

    /// The mean over tokens of |a - b| / |a| by the Euclidean norm, a being the source's: a token of large values, which
    /// decoders have one or two of, counts no more than another. NaN where an element is; nil of logits.
    package var meanDeparture: Double? {
        guard tokenCount > 0 || difference.isInfinite else { return nil }
        return hasNaN ? .nan : difference.isInfinite ? .infinity : departures / Double(tokenCount)
    }

    package var isBitEqual: Bool { unequalCount == 0 }

    package init(name: String) {
        self.name = name
    }

    /// Of logits that were compared position by position.
    init(name: String, elementCount: Int, positions: [PositionComparison]) {
        self.name = name
        self.elementCount = elementCount
        for position in positions {
            unequalCount += position.unequalCount
            largest = max(largest, position.largestMagnitude)
            hasNaN = hasNaN || position.maximumDifference.isNaN
            difference = max(difference, position.maximumDifference)
        }
    }

    /// Of what both have in equal numbers, tokens of `width` elements; a different count makes all elements unequal.
    package mutating func add(base: Span<Float>, other: Span<Float>, width: Int) {
        guard base.count == other.count else {
            elementCount += base.count
            unequalCount += max(base.count, other.count)
            difference = .infinity
            return
        }
        elementCount += base.count
        for start in stride(from: 0, to: base.count, by: max(width, 1)) {
            var (distance, length) = (0.0, 0.0)
            for index in start..<min(start + max(width, 1), base.count) {
                let (a, b) = (base[index], other[index])
                if a.bitPattern != b.bitPattern { unequalCount += 1 }
                hasNaN = hasNaN || a.isNaN || b.isNaN
                let (value, error) = (Double(a), Double(a) - Double(b))
                largest = max(largest, abs(value))
                difference = max(difference, abs(error))
                length += value * value
                distance += error * error
            }
            tokenCount += 1
            departures += distance == 0 ? 0 : (distance / length).squareRoot()
        }
    }

    /// - Parameter limit: of `meanDeparture`; 0 where every bit must be equal.
    package func json(limit: Double? = nil) -> JSONValue {
        [
            "name": .text(name), "elements": .integer(elementCount),
            "max_relative": relativeDifference.isFinite ? .number(relativeDifference) : .null,
            "mean_departure": meanDeparture.flatMap { $0.isFinite ? .number($0) : nil } ?? .null,
            "max_departure": limit.map { .number($0) } ?? .null,
            "unequal": .integer(unequalCount),
        ]
    }
}
