internal import MMBytes

/// How far the activations of a bundle may depart from those of its source, part by part.
package struct ActivationLimits: Sendable, Hashable {
    /// What activations belong to, in the order of computing: each part is given what the one before it made.
    package enum Part: String, Sendable, Hashable, CaseIterable {
        case vision
        case connector
        case text
    }

    /// Largest mean departure (`FeatureComparison.meanDeparture`) of a part that is not exact; nil where anything passes.
    package var maximumDeparture: Double?
    /// Parts whose weights, and those of the parts before them, are stored as they were: they must be equal, bit for bit.
    package var exactParts: Set<Part>

    package init(maximumDeparture: Double?, exactParts: Set<Part> = []) {
        self.maximumDeparture = maximumDeparture
        self.exactParts = exactParts
    }

    /// Says of the first activation that exceeds its limit by how much, and how many others do; nil when none does.
    ///
    /// The limits of `logits` are those of `BehaviourLimits`.
    package func violation(of comparisons: [FeatureComparison]) -> String? {
        let over = comparisons.filter { !isAllowed($0) }
        guard let first = over.first, let part = part(of: first.name) else { return nil }
        let departure = first.meanDeparture.map { "\(Self.percent($0)) %" } ?? "an unknown share"
        let others = over.count == 1 ? "" : "; \(over.count - 1) more exceed theirs"
        let allowed =
            if exactParts.contains(part) {
                "the weights of \(part.rawValue) are stored as they were, so it must be equal bit for bit"
            } else {
                "at most \(Self.percent(maximumDeparture ?? 0)) % is allowed"
            }
        return "\(first.name) is the first activation over its limit: it departs by \(departure) in the mean of its "
            + "tokens; \(allowed)\(others)"
    }

    private func isAllowed(_ comparison: FeatureComparison) -> Bool {
        guard let part = part(of: comparison.name) else { return true }
        if exactParts.contains(part) { return comparison.isBitEqual }
        guard let maximumDeparture, let departure = comparison.meanDeparture else { return true }
        // Written so that NaN is a violation.
        return departure <= maximumDeparture
    }

    private func part(of name: String) -> Part? { Part.allCases.first { name.hasPrefix("\($0.rawValue).") } }

    private static func percent(_ share: Double) -> String {
        guard share.isFinite else { return "\(share)" }
        let thousandths = (share * 100_000).rounded()
        return "\(thousandths / 1000)"
    }
}
