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

    /// Compares every activation of one picture.
    ///
    /// - Throws: `VisionError`, `ReferenceError`.
    package func compare(_ picture: VisionInput, into log: ActivationLog) throws {
        let features = try compareTowers(picture, into: log)
        guard let first = try base.connector?.connect(features.base),
            let second = try other.connector?.connect(features.other)
        else { return }
        log.addConnected(
            base: [first.values] + first.deepStack,
            count: first.tokenCount * first.width,
            other: [second.values] + second.deepStack,
            count: second.tokenCount * second.width,
            width: first.width
        )
    }

    /// Compares every activation of the towers on one tile, and hands on what they made of it: a layer of one and the
    /// same layer of the other.
    func compareTowers(
        _ tile: VisionInput,
        into log: ActivationLog
    ) throws -> (base: VisionFeatures, other: VisionFeatures) {
        let width = base.tower.configuration.modelWidth
        let none: [Float] = []
        return try base.tower.evaluate(
            tile,
            wanting: base.features,
            beside: other.tower,
            wanting: other.features
        ) { feature, first, second in
            let name = feature.description
            switch (first, second) {
            case (let first?, let second?):
                log.add(name, base: first.values(0..<first.count), other: second.values(0..<second.count), width: width)
            case (let first?, nil): log.add(name, base: first.values(0..<first.count), other: none.span, width: width)
            case (nil, let second?):
                log.add(name, base: none.span, other: second.values(0..<second.count), width: width)
            case (nil, nil): break
            }
        }
    }
}
