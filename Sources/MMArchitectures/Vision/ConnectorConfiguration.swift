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
}
