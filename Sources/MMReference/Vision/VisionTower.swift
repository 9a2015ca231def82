package import MMArchitectures
package import MMStorage
package import MMTensors

/// The reference model's eye: a vision transformer (arXiv 2010.11929) that is driven by its configuration alone.
///
/// Weights stay in the type that they are stored in, activations and sums are f32, and results do not depend on the
/// number of threads. Every layer is x + scale1 * attention(norm1(x)), then x + scale2 * mlp(norm2(x)), attention going
/// both ways. Memory is that of some tokens x width buffers and of one tile of scores a thread; of weights, that of all
/// layers, or of one where the tower streams.
package final class VisionTower: Sendable {
    package let configuration: VisionConfiguration
    package let team: ThreadTeam
    let patch: WeightMatrix
    let classToken: FloatBuffer?
    let position: PositionTable
    let rotary: AxialRotary?
    let embeddingNorm: NormWeights?
    let preNorm: NormWeights?
    /// Empty where layers are loaded as they are needed.
    private let layers: [VisionLayer]
    private let loader: WeightLoader
    let postNorm: NormWeights?

    /// Takes the weights of `source`, which has them by bundle names; see `VisionConfiguration` for names and shapes.
    ///
    /// - Parameter isStreaming: keeps one layer's weights in memory at a time, loaded for every picture anew.
    /// - Throws: `VisionError` for a configuration that contradicts itself; `ReferenceError` for a missing tensor, a
    ///   shape that the configuration does not compute, and a type that cannot be computed with, of a tower that streams
    ///   when a layer is needed; what `source.load` throws.
    package init(
        source: any TensorSource,
        configuration: VisionConfiguration,
        team: ThreadTeam,
        isStreaming: Bool = false
    ) throws {
        try configuration.validate()
        let loader = WeightLoader(source)
        let width = configuration.modelWidth
        func norm(_ name: String, if exists: Bool) throws -> NormWeights? {
            guard exists else { return nil }
            let epsilon = configuration.normEpsilon
            return try NormWeights(name, configuration.norm, width: width, epsilon: epsilon, from: loader)
        }
        self.configuration = configuration
        self.team = team
        patch = try loader.flattened(
            "vision.patch",
            rows: width,
            columns: configuration.patchElementCount,
            hasBias: configuration.patch.hasBias
        )
        classToken = configuration.hasClassToken ? try loader.flatVector("vision.class", count: width) : nil
        position = try PositionTable(configuration, from: loader)
        rotary = configuration.rotaryTheta.map { AxialRotary(theta: $0, headWidth: configuration.headWidth) }
        embeddingNorm = try norm("vision.embed_norm", if: configuration.hasEmbeddingNorm)
        preNorm = try norm("vision.pre_norm", if: configuration.hasPreNorm)
        self.loader = loader
        layers =
            isStreaming
            ? [] : try (0..<configuration.layerCount).map { try VisionLayer($0, of: configuration, from: loader) }
        postNorm = try norm("vision.post_norm", if: configuration.postNorm != .none)
    }

    /// What the tower makes of one picture, as deep as `features` need.
    ///
    /// - Parameters:
    ///   - features: what is kept.
    ///   - probe: is shown every feature that is computed.
    /// - Throws: `VisionError` for a picture that the tower does not take and for a feature that it does not have;
    ///   `ReferenceError.outOfMemory`; what `probe` throws.
    package func evaluate(
        _ input: VisionInput,
        wanting features: Set<VisionFeature> = [.output],
        probe: VisionProbe? = nil
    ) throws -> VisionFeatures {
        var walk = try VisionWalk(self, input, wanting: features, showsAll: probe != nil)
        while let (feature, values) = try walk.next() {
            if let values { try probe?(feature, values.values(0..<values.count)) }
        }
        return walk.found
    }

    /// What two towers make of one picture, a layer of one and the same layer of the other.
    ///
    /// - Parameter comparing: is shown every feature that is computed, [token, width]; nil of a tower that has none.
    /// - Throws: as `evaluate(_:wanting:probe:)`; what `comparing` throws.
    package func evaluate(
        _ input: VisionInput,
        wanting features: Set<VisionFeature>,
        beside other: VisionTower,
        wanting otherFeatures: Set<VisionFeature>,
        comparing: (_ feature: VisionFeature, _ values: FloatBuffer?, _ other: FloatBuffer?) throws -> Void
    ) throws -> (VisionFeatures, other: VisionFeatures) {
        var walk = try VisionWalk(self, input, wanting: features, showsAll: true)
        var otherWalk = try VisionWalk(other, input, wanting: otherFeatures, showsAll: true)
        while true {
            switch (try walk.next(), try otherWalk.next()) {
            case ((let feature, let values)?, (let otherFeature, let otherValues)?):
                if feature == otherFeature {
                    try comparing(feature, values, otherValues)
                } else {
                    try comparing(feature, values, nil)
                    try comparing(otherFeature, nil, otherValues)
                }
            case ((let feature, let values)?, nil): try comparing(feature, values, nil)
            case (nil, (let feature, let values)?): try comparing(feature, nil, values)
            case (nil, nil): return (walk.found, otherWalk.found)
            }
        }
    }

    func layer(_ index: Int) throws -> VisionLayer {
        layers.isEmpty ? try VisionLayer(index, of: configuration, from: loader) : layers[index]
    }

    /// How many layers the features need.
    func depth(for features: Set<VisionFeature>) throws(VisionError) -> Int {
        var depth = 0
        for feature in features {
            switch feature {
            case .output: depth = configuration.layerCount
            case .pooled:
                guard configuration.postNorm == .classToken else {
                    throw VisionError(.featureNotComputed(feature.description))
                }
                depth = configuration.layerCount
            case .layer(let layer):
                guard layer >= 0, layer <= configuration.layerCount else {
                    throw VisionError(.featureOutOfRange(layer: layer, layerCount: configuration.layerCount))
                }
                depth = max(depth, layer)
            }
        }
        return depth
    }
}

extension VisionPass {
    /// A copy of the stream in the order of the input, through a norm where one is given.
    func tokens(normed norm: NormWeights?) throws(ReferenceError) -> FloatBuffer {
        let copy = try FloatBuffer(count: layout.tokenCount * space.width)
        forTokens(of: 0..<layout.tokenCount) { tokens in
            for token in tokens {
                let patch = token - layout.leadCount
                let target = patch < 0 ? token : layout.leadCount + layout.order[patch]
                // Rows of [token, width]; the order names each patch once.
                let (from, to) = unsafe (
                    space.stream.pointer + token * space.width, copy.pointer + target * space.width
                )
                if let norm {
                    unsafe norm.apply(from, to: to)
                } else {
                    unsafe to.update(from: from, count: space.width)
                }
            }
        }
        return copy
    }

    /// The class token, normed.
    func classToken(normed norm: NormWeights) throws(ReferenceError) -> FloatBuffer {
        let copy = try FloatBuffer(count: space.width)
        // Row 0 of the stream.
        unsafe norm.apply(space.stream.pointer, to: copy.pointer)
        return copy
    }
}
