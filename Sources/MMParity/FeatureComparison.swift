package import MMBytes

/// How one named activation of two models differs.
package struct FeatureComparison: Sendable, Hashable {
    /// Such as "vision.layer.3".
    package let name: String
    package let elementCount: Int
    /// max |a - b| / max |a|, a being the source's; NaN where an element is.
    package let relativeDifference: Double
    /// Elements that differ in a bit.
    package let unequalCount: Int

    package var isBitEqual: Bool { unequalCount == 0 }

    /// Compares as many elements as both have; a different count makes all of them unequal.
    package init(name: String, base: Span<Float>, other: Span<Float>) {
        self.name = name
        elementCount = base.count
        guard base.count == other.count else {
            relativeDifference = .infinity
            unequalCount = max(base.count, other.count)
            return
        }
        var (largest, difference, unequal) = (0.0, 0.0, 0)
        var hasNaN = false
        for index in base.indices {
            let (a, b) = (base[index], other[index])
            if a.bitPattern != b.bitPattern { unequal += 1 }
            hasNaN = hasNaN || a.isNaN || b.isNaN
            largest = max(largest, Double(abs(a)))
            difference = max(difference, abs(Double(a) - Double(b)))
        }
        relativeDifference = hasNaN ? .nan : difference == 0 ? 0 : difference / largest
        unequalCount = unequal
    }

    package var json: JSONValue {
        [
            "name": .text(name), "elements": .integer(elementCount),
            "max_relative": relativeDifference.isFinite ? .number(relativeDifference) : .null,
            "unequal": .integer(unequalCount),
        ]
    }
}
