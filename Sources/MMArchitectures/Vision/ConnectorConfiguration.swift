internal import MMBytes

/// How a vision tower's tokens become a decoder's.
package struct ConnectorConfiguration: Sendable, Hashable {
    /// What a picture's place in the text is filled with.
    package var operations: [ConnectorOperation]
    /// What is added to the picture's tokens after the decoder's first layers, a list of steps a layer (DeepStack,
    /// arXiv 2406.04334).
    package var deepStack: [[ConnectorOperation]]

    package init(operations: [ConnectorOperation], deepStack: [[ConnectorOperation]] = []) {
        self.operations = operations
        self.deepStack = deepStack
    }

    /// What the tower must compute.
    package var features: Set<VisionFeature> {
        var features: Set<VisionFeature> = []
        for case .select(let selected, _) in operations + deepStack.flatMap(\.self) { features.formUnion(selected) }
        return features
    }

    /// How many tokens come out for a picture of `rows` x `columns` patches; nil where the steps do not go with it.
    package func tokenCount(rows: Int, columns: Int, hasClassToken: Bool) -> Int? {
        var (rows, columns, others) = (rows, columns, 0)
        for operation in operations {
            switch operation {
            case .select(_, let dropsClassToken): others = hasClassToken && !dropsClassToken ? 1 : 0
            case .averagePool(let side), .pixelShuffle(let side), .merge(let side):
                guard side > 0, others == 0 else { return nil }
                (rows, columns) = (rows / side, columns / side)
            case .adaptivePool(let side):
                guard others == 0 else { return nil }
                (rows, columns) = (side, side)
            case .append(_, let count): others += count
            case .attentionPool(_, let pool): (rows, columns, others) = (1, pool.queryCount, 0)
            case .addPosition, .linear, .activation, .norm, .regionBlock: break
            }
        }
        guard let grid = rows.multiplied(by: columns) else { return nil }
        return grid.adding(others)
    }
}
