package import MMBytes

/// How far the activations of a bundle may depart from those of its source, one by one.
///
/// A quantized matrix adds an error to what it gives that is about as large, relative to it, as its own relative to the
/// matrix. The errors of layers are independent, so it is their squares that add up: behind n layers the limit is
/// 1.5 e sqrt(1 + n / 8), e being the recipe's limit for a tensor (docs/quantization.md has the figures behind it).
package struct ActivationLimits: Sendable, Hashable {
    /// What activations belong to, in the order of computing: each part is given what the one before it made.
    package enum Part: String, Sendable, Hashable, CaseIterable {
        case vision
        case connector
        case text
    }

    /// The recipe's limit for the relative error of a tensor; nil where any activation passes.
    package var tensorError: Double?
    /// In the place of what follows from `tensorError`, for all activations alike.
    package var maximumDeparture: Double?
    /// Parts whose weights, and those of the parts before them, are stored as they were: they must be equal, bit for bit.
    package var exactParts: Set<Part>

    package init(tensorError: Double?, maximumDeparture: Double? = nil, exactParts: Set<Part> = []) {
        self.tensorError = tensorError
        self.maximumDeparture = maximumDeparture
        self.exactParts = exactParts
    }

    /// The largest mean departure (`FeatureComparison.meanDeparture`) of each activation, in the order of computing: 0
    /// for one that must be equal bit for bit, nil for one that has no limit, such as the logits, which
    /// `BehaviourLimits` has.
    package func limits(of comparisons: [FeatureComparison]) -> [Double?] {
        var part: Part?
        // Layers with errors: of the parts before, and of this one.
        var (before, passed) = (0, 0)
        return comparisons.map { comparison in
            guard let own = Self.part(of: comparison.name) else { return nil }
            if own != part {
                if let part, !exactParts.contains(part) { before += passed + 1 }
                (part, passed) = (own, 0)
            }
            if let layer = Self.layer(of: comparison.name) { passed = layer + 1 }
            if exactParts.contains(own) { return 0 }
            return maximumDeparture ?? tensorError.map { 1.5 * $0 * (1 + Double(before + passed) / 8).squareRoot() }
        }
    }

    /// Says of the first activation that exceeds its limit by how much, and how many others do; nil when none does.
    package func violation(of comparisons: [FeatureComparison]) -> String? {
        let over = zip(comparisons, limits(of: comparisons)).filter { !Self.isAllowed($0, limit: $1) }
        guard let (first, limit) = over.first else { return nil }
        let departure =
            first.meanDeparture.map { "by \(Self.percent($0)) % in the mean of its tokens" } ?? "in all of it"
        let allowed =
            limit == 0
            ? "the weights that it comes from are stored as they were, so it must be equal bit for bit"
            : "at most \(Self.percent(limit ?? 0)) % is allowed"
        let others = over.count == 1 ? "" : "; \(over.count - 1) more exceed theirs"
        return "\(first.name) is the first activation over its limit: it departs \(departure); \(allowed)\(others)"
    }

    /// The comparisons with their limits.
    package func json(_ comparisons: [FeatureComparison]) -> JSONValue {
        .array(zip(comparisons, limits(of: comparisons)).map { $0.json(limit: $1) })
    }

    private static func isAllowed(_ comparison: FeatureComparison, limit: Double?) -> Bool {
        guard let limit else { return true }
        if limit == 0 { return comparison.isBitEqual }
        // Written so that NaN is a violation.
        return comparison.meanDeparture.map { $0 <= limit } ?? true
    }

    private static func part(of name: String) -> Part? { Part.allCases.first { name.hasPrefix("\($0.rawValue).") } }

    /// 3 of "text.layer.3".
    private static func layer(of name: String) -> Int? {
        let words = name.split(separator: ".")
        return words.count == 3 && words[1] == "layer" ? Int(words[2]) : nil
    }

    private static func percent(_ share: Double) -> String {
        share.isFinite ? "\((share * 100_000).rounded() / 1000)" : "\(share)"
    }
}
