import MMArchitectures
import MMCheckpoints
import MMReference
import MMStorage
import MMTensors
import MMTestSupport
import Testing

/// A tiny vision-language model that transformers made and ran, with the pictures as they were given to it.
struct FusionOracle: Sendable, CustomTestStringConvertible {
    let name: String
    var testDescription: String { name }

    static let families = [
        "llava-1.5", "llava-next", "paligemma", "gemma3-vlm", "idefics3", "smolvlm", "qwen2-vl", "qwen2.5-vl",
        "qwen3-vl",
        "internvl",
    ]
    static let all = families.flatMap { [FusionOracle(name: $0), FusionOracle(name: "\($0)-default")] }

    func mapped() throws -> MappedSource {
        try MappedSource.resolve(Checkpoint.open(Fixture.path("oracles/\(name)")))
    }

    func golden() throws -> MemorySource {
        try MemorySource(safetensors: "oracles/golden/\(name).safetensors")
    }

    /// The tiles of every picture, and how they lie.
    func pictures(_ golden: MemorySource) throws -> [(tiles: [VisionInput], arrangement: TileArrangement?)] {
        let shape = try #require(golden["pixel_values"]?.descriptor.shape.dimensions)
        let values = golden.floats("pixel_values")
        if shape.count == 2 {
            let grids = golden.integers("image_grid_thw")
            var start = 0
            return stride(from: 0, to: grids.count, by: 3).map { index in
                let grid = PatchGrid(frames: grids[index], rows: grids[index + 1], columns: grids[index + 2])
                let part = Array(values[start..<start + grid.count * shape[1]])
                start += part.count
                return ([VisionInput(part, layout: .patches(grid))], nil)
            }
        }
        let (height, width) = (shape[shape.count - 2], shape[shape.count - 1])
        let size = 3 * height * width
        func tile(_ index: Int) -> VisionInput {
            VisionInput(
                Array(values[index * size..<(index + 1) * size]),
                layout: .planes(height: height, width: width)
            )
        }
        let sizes = golden.integers("image_sizes")
        guard !sizes.isEmpty else { return (0..<values.count / size).map { ([tile($0)], nil) } }
        return (0..<shape[0]).map { picture in
            let (pictureHeight, pictureWidth) = (sizes[2 * picture], sizes[2 * picture + 1])
            // The oracle's pinpoints, for pictures that are nearly square, wide or high.
            let ratio = Double(pictureWidth) / Double(pictureHeight)
            let (rows, columns) = ratio >= 2 ? (1, 3) : ratio <= 0.5 ? (3, 1) : (2, 2)
            return (
                (0...rows * columns).map { tile(picture * shape[1] + $0) },
                TileArrangement(rows: rows, columns: columns, height: pictureHeight, width: pictureWidth)
            )
        }
    }

    struct Run {
        let connected: [Float]
        let layout: SequenceLayout
        let evaluation: Evaluation
    }

    /// Runs the whole model on the oracle's input.
    func run(
        _ source: MappedSource,
        _ golden: MemorySource,
        fusion change: (inout FusionConfiguration) -> Void = { _ in },
        decoder changeDecoder: (inout DecoderConfiguration) -> Void = { _ in },
        connector changeConnector: (inout ConnectorConfiguration) -> Void = { _ in }
    ) throws -> Run {
        let model = source.model
        var configuration = try #require(model.decoder, "\(model.reason ?? "")")
        changeDecoder(&configuration)
        var connector = try #require(model.connector)
        changeConnector(&connector)
        var fusion = try #require(model.fusion)
        change(&fusion)
        let team = ThreadTeam(threadCount: 2)
        let reader = try PictureReader(
            source: source,
            vision: #require(model.vision),
            connector: connector,
            fusion: fusion,
            decoderWidth: configuration.modelWidth,
            team: team
        )
        let ids = golden.integers("input_ids").map { UInt32($0) }
        let tokens = try pictures(golden).map { try reader.read($0.tiles, arrangement: $0.arrangement) }
        let types = golden.integers("token_type_ids")
        let layout = try SequenceLayout(
            of: ids,
            pictures: tokens,
            fusion: fusion,
            prefixCount: types.firstIndex(of: 1) ?? 0
        )
        let decoder = try ReferenceDecoder(source: source, configuration: configuration, team: team)
        var connected: [Float] = []
        for picture in tokens {
            for index in 0..<picture.count * configuration.modelWidth {
                connected.append(picture.values.values(index..<index + 1)[0])
            }
        }
        return Run(
            connected: connected,
            layout: layout,
            evaluation: try Evaluation(decoder, ids, layout: layout)
        )
    }
}
