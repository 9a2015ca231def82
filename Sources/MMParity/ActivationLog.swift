internal import MMReference

/// The activations of two models as they are compared, by name, in the order of computing.
package final class ActivationLog {
    package private(set) var comparisons: [FeatureComparison] = []
    private var indices: [String: Int] = [:]

    package init() {}

    /// The first in the order of computing that differs in a bit.
    package var firstDifference: FeatureComparison? { comparisons.first { !$0.isBitEqual } }

    package var hasNaN: Bool { comparisons.contains { $0.relativeDifference.isNaN } }

    /// Values of tokens of `width` elements.
    func add(_ name: String, base: Span<Float>, other: Span<Float>, width: Int) {
        let index = indices[name] ?? comparisons.count
        if index == comparisons.count {
            indices[name] = index
            comparisons.append(FeatureComparison(name: name))
        }
        comparisons[index].add(base: base, other: other, width: width)
    }

    /// What two connectors give: tokens, then what deep stacking adds to the decoder's layers, of one size each.
    func addConnected(
        base: [FloatBuffer],
        count baseCount: Int,
        other: [FloatBuffer],
        count otherCount: Int,
        width: Int
    ) {
        for index in 0..<min(base.count, other.count) {
            let (first, second) = (base[index], other[index])
            add(
                index == 0 ? "connector.out" : "connector.deepstack.\(index - 1)",
                base: first.values(0..<baseCount),
                other: second.values(0..<otherCount),
                width: width
            )
        }
    }

    /// Of a name that was not seen before.
    func append(_ comparison: FeatureComparison) {
        indices[comparison.name] = comparisons.count
        comparisons.append(comparison)
    }
}
