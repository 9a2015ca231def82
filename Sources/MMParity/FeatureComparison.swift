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

    /// max |a - b| / max |a|, a being the source's; NaN where an element is.
    package var relativeDifference: Double { hasNaN ? .nan : difference == 0 ? 0 : difference / largest }

    package var isBitEqual: Bool { unequalCount == 0 }

    package init(name: String) {
        self.name = name
    }

    /// Of what both have in equal numbers; a different count makes all elements unequal.
    package init(name: String, base: Span<Float>, other: Span<Float>) {
        self.name = name
        add(base: base, other: other)
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

    package mutating func add(base: Span<Float>, other: Span<Float>) {
        guard base.count == other.count else {
            elementCount += base.count
            unequalCount += max(base.count, other.count)
            difference = .infinity
            return
        }
        elementCount += base.count
        for index in base.indices {
            let (a, b) = (base[index], other[index])
            if a.bitPattern != b.bitPattern { unequalCount += 1 }
            hasNaN = hasNaN || a.isNaN || b.isNaN
            largest = max(largest, Double(abs(a)))
            difference = max(difference, abs(Double(a) - Double(b)))
        }
    }

    package var json: JSONValue {
        [
            "name": .text(name), "elements": .integer(elementCount),
            "max_relative": relativeDifference.isFinite ? .number(relativeDifference) : .null,
            "unequal": .integer(unequalCount),
        ]
    }
}
