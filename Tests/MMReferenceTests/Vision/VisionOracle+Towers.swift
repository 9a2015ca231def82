import MMArchitectures

extension VisionOracle {
    static let clip = VisionOracle(
        name: "clip",
        configuration: .tiny(hasPatchBias: false) {
            $0.hasClassToken = true
            $0.hasPreNorm = true
            $0.postNorm = .classToken
            $0.normEpsilon = 1e-5
            $0.activation = .quickGelu
        }
    )
    static let clipGelu = VisionOracle(
        name: "clip-gelu",
        configuration: .changed(clip.configuration) { $0.activation = .gelu }
    )
    static let siglip = VisionOracle(
        name: "siglip",
        configuration: .tiny {
            $0.postNorm = .all
            $0.activation = .geluTanh
        }
    )
    static let aimv2 = VisionOracle(
        name: "aimv2",
        configuration: .tiny {
            $0.position = .learned(side: 4, interpolation: .none)
            $0.norm = .rms
            $0.normEpsilon = 1e-5
            $0.hasEmbeddingNorm = true
            $0.postNorm = .all
            $0.setAttentionBiases(false)
            $0.hasMLPBias = false
            $0.isGated = true
            $0.activation = .silu
        }
    )
    static let aimv2Native = VisionOracle(
        name: "aimv2-native",
        configuration: .changed(aimv2.configuration) {
            $0.position = .sinusoidal
            $0.setAttentionBiases(true)
            $0.hasMLPBias = true
        }
    )
    static let idefics3 = VisionOracle(
        name: "idefics3",
        configuration: .changed(siglip.configuration) { $0.position = .learned(side: 4, interpolation: .bucketed) }
    )
    static let internvit = VisionOracle(
        name: "internvit",
        configuration: .tiny {
            $0.hasClassToken = true
            $0.setAttentionBiases(false)
            $0.hasOutputBias = true
            $0.hasLayerScale = true
        }
    )
    static let internvitNormed = VisionOracle(
        name: "internvit-qk-norm",
        configuration: .changed(internvit.configuration) {
            $0.norm = .rms
            $0.setAttentionBiases(true)
            $0.queryKeyNorm = .full
        }
    )
    static let qwen2 = VisionOracle(
        name: "qwen2-vl",
        configuration: .qwen(feedForwardWidth: 48) { $0.activation = .quickGelu },
        connector: .qwen(norm: .layer)
    )
    static let qwen25 = VisionOracle(
        name: "qwen2.5-vl",
        configuration: .qwen(feedForwardWidth: 36) {
            $0.norm = .rms
            $0.isGated = true
            $0.activation = .silu
            $0.window = .init(side: 4, fullLayers: [1])
        },
        connector: .qwen(norm: .rms)
    )
    static let qwen3 = VisionOracle(
        name: "qwen3-vl",
        configuration: .qwen(feedForwardWidth: 40) {
            $0.patch.hasBias = true
            $0.position = .learned(side: 5, interpolation: .bilinear)
            $0.activation = .geluTanh
        },
        connector: .qwen(norm: .layer, deepStackLayers: [0, 2])
    )
}

extension VisionConfiguration {
    static func tiny(hasPatchBias: Bool = true, _ change: (inout VisionConfiguration) -> Void) -> VisionConfiguration {
        changed(
            VisionConfiguration(
                modelWidth: 24,
                layerCount: 2,
                headCount: 2,
                feedForwardWidth: 40,
                patch: Patch(side: 6, hasBias: hasPatchBias),
                imageSide: 24,
                position: .learned(side: 4, interpolation: .bicubic)
            ),
            change
        )
    }

    static func qwen(feedForwardWidth: Int, _ change: (inout VisionConfiguration) -> Void) -> VisionConfiguration {
        changed(
            VisionConfiguration(
                modelWidth: 24,
                layerCount: 3,
                headCount: 2,
                feedForwardWidth: feedForwardWidth,
                patch: Patch(side: 4, frameCount: 2, hasBias: false),
                imageSide: nil,
                rotaryTheta: 10_000,
                mergeSide: 2
            ),
            change
        )
    }

    static func changed(
        _ configuration: VisionConfiguration,
        _ change: (inout VisionConfiguration) -> Void
    ) -> VisionConfiguration {
        var configuration = configuration
        change(&configuration)
        return configuration
    }

    mutating func setAttentionBiases(_ exist: Bool) {
        hasQueryBias = exist
        hasKeyBias = exist
        hasValueBias = exist
        hasOutputBias = exist
    }
}

extension ConnectorConfiguration {
    /// The mergers of Qwen2-VL to Qwen3-VL.
    static func qwen(norm: VisionConfiguration.Norm, deepStackLayers: [Int] = []) -> ConnectorConfiguration {
        func perceptron(_ prefix: String) -> [ConnectorOperation] {
            [
                .linear(weights: "\(prefix).linear1", outputWidth: 96, hasBias: true), .activation(.gelu),
                .linear(weights: "\(prefix).linear2", outputWidth: 40, hasBias: true),
            ]
        }
        return ConnectorConfiguration(
            operations: [
                .select([.output], dropsClassToken: false), .norm(weights: "connector.norm", norm, epsilon: 1e-6),
                .merge(side: 2),
            ] + perceptron("connector"),
            deepStack: deepStackLayers.enumerated().map { index, layer in
                let prefix = "connector.deepstack.\(index)"
                return [
                    .select([.layer(layer + 1)], dropsClassToken: false), .merge(side: 2),
                    .norm(weights: "\(prefix).norm", .layer, epsilon: 1e-6),
                ] + perceptron(prefix)
            }
        )
    }
}
