import MMArchitectures
import MMBytes
import MMCheckpoints
import MMReference
import MMStorage
import MMTensors
import MMTestSupport
import Testing

/// A tiny vision tower with what transformers made of it: fixtures/vision/make_vision.py.
struct VisionOracle: Sendable, CustomTestStringConvertible {
    let name: String
    let configuration: VisionConfiguration
    var connector: ConnectorConfiguration?
    var testDescription: String { name }

    static let all = [
        clip, clipGelu, siglip, aimv2, aimv2Native, idefics3, internvit, internvitNormed, qwen2, qwen25, qwen3,
    ]

    /// The checkpoint in the terms of a bundle.
    func mapped() throws -> MappedSource {
        try MappedSource.resolve(Checkpoint.open(Fixture.path("vision/\(name)")))
    }

    /// The weights by bundle names, for changing them.
    func source() throws -> MemorySource { try MemorySource(copying: mapped()) }

    func tower(threadCount: Int = 2) throws -> VisionTower {
        try VisionTower(source: source(), configuration: configuration, team: ThreadTeam(threadCount: threadCount))
    }

    /// The pictures, or sets of pictures, that the golden file has.
    func cases() throws -> [VisionCase] {
        let golden = try MemorySource(safetensors: "vision/golden/\(name).safetensors")
        return (0..<8).compactMap { VisionCase(golden, prefix: "\($0).", configuration: configuration) }
    }
}

/// Pictures that transformers was given together, and what it made of them.
struct VisionCase: Sendable {
    let golden: MemorySource
    let prefix: String
    var inputs: [VisionInput] = []

    init?(_ golden: MemorySource, prefix: String, configuration: VisionConfiguration) {
        guard let shape = golden["\(prefix)pixel_values"]?.descriptor.shape.dimensions else { return nil }
        self.golden = golden
        self.prefix = prefix
        let pixels = golden.floats("\(prefix)pixel_values")
        if shape.count == 4 {
            let count = shape[1] * shape[2] * shape[3]
            inputs = (0..<shape[0]).map { index in
                VisionInput(
                    Array(pixels[index * count..<(index + 1) * count]),
                    layout: .planes(height: shape[2], width: shape[3])
                )
            }
        } else {
            let sizes = golden.integers("\(prefix)image_grid_thw")
            var first = 0
            for start in stride(from: 0, to: sizes.count, by: 3) {
                let grid = PatchGrid(frames: sizes[start], rows: sizes[start + 1], columns: sizes[start + 2])
                let end = first + grid.count * configuration.patchElementCount
                inputs.append(VisionInput(Array(pixels[first..<end]), layout: .patches(grid)))
                first = end
            }
        }
    }

    func expected(_ name: String) -> [Float] { golden.floats(prefix + name) }
}

/// What a tower and its connector say of pictures, by name, all pictures one after another.
struct VisionEvaluation {
    var activations: [String: [Float]] = [:]

    init(_ tower: VisionTower, _ inputs: [VisionInput], connector: Connector? = nil) throws {
        var collected: [String: [Float]] = [:]
        func append(_ name: String, _ values: Span<Float>) {
            values.withUnsafeBufferPointer { collected[name, default: []] += $0 }
        }
        for input in inputs {
            let wanted = connector?.configuration.features ?? [.output]
            let features = try tower.evaluate(input, wanting: wanted) { append($0.description, $1) }
            guard let tokens = try connector?.connect(features) else { continue }
            append("connector.out", tokens.values.values(0..<tokens.tokenCount * tokens.width))
            for (index, values) in tokens.deepStack.enumerated() {
                append("connector.deepstack.\(index)", values.values(0..<tokens.tokenCount * tokens.width))
            }
        }
        activations = collected
    }

    subscript(name: String) -> [Float] { activations[name] ?? [] }
}

extension MemorySource {
    /// The tensors of another source.
    init(copying source: some TensorSource) throws {
        var entries: [Entry] = []
        for (index, tensor) in source.tensors.enumerated() {
            var bytes = [UInt8](repeating: 0, count: tensor.byteCount)
            try Self.read(index, of: source, into: &bytes)
            if let entry = Entry(tensor.name.string, tensor.type, tensor.shape.dimensions, bytes: bytes) {
                entries.append(entry)
            }
        }
        self.init(entries)
    }

    private static func read(_ index: Int, of source: some TensorSource, into bytes: inout [UInt8]) throws {
        var span = bytes.mutableSpan
        var raw = span.mutableBytes
        try source.read(index, at: 0, into: &raw)
    }
}
