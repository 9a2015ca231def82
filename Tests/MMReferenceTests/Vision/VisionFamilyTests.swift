import MMArchitectures
import MMBytes
import MMReference
import MMStorage
import MMTensors
import MMTestSupport
import Testing

/// The towers of fixtures/oracles, alone and inside of vision-language models, against transformers.
@Suite struct VisionFamilyTests {
    struct Family: Sendable, CustomTestStringConvertible {
        let name: String
        var golden: String
        /// What the tensors of the tower begin with; nil for a tower that is a checkpoint of its own.
        var prefix: String?
        var testDescription: String { golden }

        init(_ name: String, prefix: String? = nil, golden: String? = nil) {
            self.name = name
            self.prefix = prefix
            self.golden = golden ?? name
        }
    }

    static let families = [
        Family("clip-vision"), Family("clip-vision", golden: "clip-vision-resampled"), Family("siglip-vision"),
        Family("aimv2"), Family("aimv2-native"), Family("llava-1.5", prefix: "vision_tower."),
        Family("llava-next", prefix: "vision_tower."), Family("paligemma", prefix: "vision_tower."),
        Family("gemma3-vlm", prefix: "vision_tower."), Family("idefics3", prefix: "model.vision_model."),
        Family("idefics3", prefix: "model.vision_model.", golden: "idefics3-masked"),
        Family("smolvlm", prefix: "model.vision_model."), Family("qwen2-vl", prefix: "visual."),
        Family("qwen2.5-vl", prefix: "visual."), Family("qwen3-vl", prefix: "model.visual."),
        Family("internvl", prefix: "vision_tower."),
    ]

    @Test(arguments: families)
    func everyTowerAgreesWithTransformers(family: Family) throws {
        let mapped = try MappedSource.resolve(try source(family))
        let configuration = try #require(mapped.model.vision)
        let tower = try VisionTower(source: mapped, configuration: configuration, team: ThreadTeam(threadCount: 2))
        let connector = try mapped.model.connector.map {
            try Connector(
                source: mapped,
                configuration: $0,
                towerWidth: configuration.modelWidth,
                team: tower.team
            )
        }
        let golden = try MemorySource(safetensors: "oracles/golden/\(family.golden).safetensors")
        let found = try VisionEvaluation(tower, try inputs(golden, configuration), connector: connector)
        var names = ["vision.embed"] + (0..<configuration.layerCount).map { "vision.layer.\($0)" }
        // What the connector takes is another feature in LLaVA, and lacks the class token in InternVL.
        let isOutput = !["llava-1.5", "llava-next", "internvl"].contains(family.name)
        if isOutput { names.append("vision.out") }
        if let connector = mapped.model.connector {
            names.append("connector.out")
            names += connector.deepStack.indices.map { "connector.deepstack.\($0)" }
        }
        for name in names {
            #expect(relativeError(found[name], golden.floats(name)) <= GoldenVisionTests.gate, "\(name)")
        }
    }

    /// The checkpoint, or the part of it that is the tower, with the part of config.json that describes it.
    private func source(_ family: Family) throws -> ConfiguredSource {
        var source = try ConfiguredSource(path: "oracles/\(family.name)")
        guard let prefix = family.prefix else { return source }
        source.memory.entries.removeAll { !$0.descriptor.name.string.hasPrefix(prefix) }
        guard case .huggingFace(let json) = source.configuration, let vision = json["vision_config"] else {
            return source
        }
        source.configuration = .huggingFace(vision)
        return source
    }

    private func inputs(_ golden: MemorySource, _ configuration: VisionConfiguration) throws -> [VisionInput] {
        let shape = try #require(golden["pixel_values"]?.descriptor.shape.dimensions)
        if shape.count == 2 {
            return try #require(VisionCase(golden, prefix: "", configuration: configuration)).inputs
        }
        let (height, width) = (shape[shape.count - 2], shape[shape.count - 1])
        let pixels = golden.floats("pixel_values")
        let count = shape[shape.count - 3] * height * width
        let mask = golden["pixel_attention_mask"].map { mask in mask.bytes }
        return (0..<pixels.count / count).compactMap { index in
            let values = Array(pixels[index * count..<(index + 1) * count])
            // transformers leaves out what is padding to a number of tiles.
            guard values.contains(where: { $0 != 0 }) else { return nil }
            var visible: PatchGrid?
            if let mask {
                let side = configuration.patch.side
                let size = mask.count / (pixels.count / count) / (height * width)
                let start = index * height * width
                let rows = (0..<height).count { mask[(start + $0 * width) * size] != 0 }
                let columns = (0..<width).count { mask[(start + $0) * size] != 0 }
                visible = PatchGrid(rows: (rows + side - 1) / side, columns: (columns + side - 1) / side)
            }
            return VisionInput(values, layout: .planes(height: height, width: width), visible: visible)
        }
    }
}
