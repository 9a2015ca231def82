internal import MMArchitectures
package import MMReference

/// Runs two vision towers, and their connectors where there are any, side by side on the same pictures.
package struct VisionComparator: Sendable {
    /// A tower with what follows it.
    package struct Eye: Sendable {
        package let tower: VisionTower
        package let connector: Connector?

        package init(tower: VisionTower, connector: Connector?) {
            self.tower = tower
            self.connector = connector
        }

        /// What the last step gives, and what deep stacking needs.
        fileprivate var features: Set<VisionFeature> {
            (connector?.configuration.features ?? []).union([.output])
        }
    }

    private let base: Eye
    private let other: Eye

    package init(base: Eye, other: Eye) {
        self.base = base
        self.other = other
    }

    /// Every activation of every picture, in the order of computing.
    ///
    /// - Parameter progress: is told how many pictures have been dealt with, as they are.
    /// - Throws: `VisionError`, `ReferenceError`; what `progress` throws.
    package func compare(
        _ pictures: [VisionInput],
        progress: (_ pictureCount: Int) throws -> Void = { _ in }
    ) throws -> [FeatureComparison] {
        var comparisons: [FeatureComparison] = []
        for picture in pictures {
            let (first, second) = (try record(picture, base), try record(picture, other))
            for (a, b) in zip(first, second) {
                comparisons.append(FeatureComparison(name: a.name, base: a.values.span, other: b.values.span))
            }
            try progress(1)
        }
        return comparisons
    }

    private struct Activation {
        let name: String
        let values: [Float]

        init(name: String, _ span: Span<Float>) {
            self.name = name
            var values: [Float] = []
            values.reserveCapacity(span.count)
            for index in span.indices { values.append(span[index]) }
            self.values = values
        }
    }

    private func record(_ picture: VisionInput, _ eye: Eye) throws -> [Activation] {
        var activations: [Activation] = []
        let features = try eye.tower.evaluate(picture, wanting: eye.features) { feature, values in
            activations.append(Activation(name: feature.description, values))
        }
        guard let tokens = try eye.connector?.connect(features) else { return activations }
        let count = tokens.tokenCount * tokens.width
        activations.append(Activation(name: "connector.out", tokens.values.values(0..<count)))
        for (index, values) in tokens.deepStack.enumerated() {
            activations.append(Activation(name: "connector.deepstack.\(index)", values.values(0..<count)))
        }
        return activations
    }
}
