internal import MMArchitectures

/// A picture on its way through a tower, feature by feature: what its layers see, then what comes out.
struct VisionWalk {
    private let tower: VisionTower
    private let input: VisionInput
    private let pass: VisionPass
    private let features: Set<VisionFeature>
    private let showsAll: Bool
    /// In the order of computing.
    private let order: [VisionFeature]
    private var position = 0
    /// The features that are wanted, as far as they have been computed.
    private(set) var found: VisionFeatures

    /// - Parameters:
    ///   - features: what `found` keeps; the walk goes as deep as they need.
    ///   - showsAll: whether `next` hands on the values of other features too.
    /// - Throws: `VisionError` for a picture that the tower does not take and for a feature that it does not have;
    ///   `ReferenceError.outOfMemory`.
    init(_ tower: VisionTower, _ input: VisionInput, wanting features: Set<VisionFeature>, showsAll: Bool) throws {
        let configuration = tower.configuration
        let depth = try tower.depth(for: features)
        pass = try VisionPass(tower: tower, input: input)
        self.tower = tower
        self.input = input
        self.features = features
        self.showsAll = showsAll
        var order = (0...depth).map { VisionFeature.layer($0) }
        if depth == configuration.layerCount {
            order.append(.output)
            if configuration.postNorm == .classToken { order.append(.pooled) }
        }
        self.order = order
        found = VisionFeatures(
            grid: pass.layout.grid,
            leadCount: pass.layout.leadCount,
            blockSide: configuration.mergeSide,
            width: configuration.modelWidth
        )
    }

    /// Computes the next feature; nil behind the last one. Its values are nil where nobody wants them.
    ///
    /// - Throws: what loading a layer's weights throws; `ReferenceError.outOfMemory`.
    mutating func next() throws -> (VisionFeature, FloatBuffer?)? {
        guard position < order.count else { return nil }
        let feature = order[position]
        position += 1
        switch feature {
        case .layer(0): try pass.embed(input)
        case .layer(let count): pass.evaluateLayer(count - 1, try tower.layer(count - 1))
        case .output, .pooled: break
        }
        guard showsAll || features.contains(feature) else { return (feature, nil) }
        let values = try values(of: feature)
        if features.contains(feature) { found.keep(values, as: feature) }
        return (feature, values)
    }

    private func values(of feature: VisionFeature) throws -> FloatBuffer {
        let norm = tower.postNorm
        switch feature {
        case .pooled:
            guard let norm else { throw VisionError(.featureNotComputed(feature.description)) }
            return try pass.classToken(normed: norm)
        case .output: return try pass.tokens(normed: tower.configuration.postNorm == .all ? norm : nil)
        case .layer: return try pass.tokens(normed: nil)
        }
    }
}
