import MMBytes
import MMTensors
import MMTestSupport

/// Tensors in memory with a config.json.
struct ConfiguredSource: TensorSource {
    var memory: MemorySource
    var configuration: ModelConfiguration

    var format: String { "memory" }
    var tensors: [TensorDescriptor] { memory.tensors }
    var metadata: JSONValue { [:] }
    var assets: [Asset] { [] }
    var files: [SourceFile] { [] }

    /// The folder fixtures/vision/`name` as transformers saved it.
    init(folder name: String) throws { try self.init(path: "vision/\(name)") }

    /// A folder of fixtures/.
    init(path: String) throws {
        memory = try MemorySource(safetensors: "\(path)/model.safetensors")
        configuration = .huggingFace(try JSONValue(parsing: Fixture.bytes("\(path)/config.json")))
    }

    func read(_ index: Int, at offset: Int, into destination: inout MutableRawSpan) throws {
        try memory.read(index, at: offset, into: &destination)
    }

    /// Gives every tensor the name that the pairs of texts make of it, and some members of config.json other values; nil
    /// takes one away.
    mutating func respell(_ pairs: [(String, String)], _ changes: KeyValuePairs<String, JSONValue?> = [:]) {
        memory.entries = memory.entries.map { entry in
            var entry = entry
            let name = pairs.reduce(entry.descriptor.name.string) { $0.replacing($1.0, with: $1.1) }
            entry.descriptor = entry.descriptor.renamed(ByteString(name))
            return entry
        }
        guard case .huggingFace(let json) = configuration else { return }
        var members = json.members ?? []
        for (name, value) in changes {
            members.removeAll { $0.name == ByteString(name) }
            if let value { members.append(JSONMember(name: ByteString(name), value: value)) }
        }
        configuration = .huggingFace(.object(members))
    }

    /// Puts the tensors called `parts`, rows one after another, in place of them into one called `whole`.
    mutating func fuse(_ parts: [String], into whole: String) {
        let entries = parts.compactMap { memory[$0] }
        guard entries.count == parts.count, var shape = entries.first?.descriptor.shape.dimensions else { return }
        shape[0] = entries.map { $0.descriptor.shape.dimensions[0] }.reduce(0, +)
        for part in parts { memory[part] = nil }
        memory[whole] = MemorySource.Entry(whole, .f32, shape, bytes: entries.flatMap(\.bytes))
    }

    mutating func reshape(_ name: String, _ shape: [Int]) {
        guard let bytes = memory[name]?.bytes else { return }
        memory[name] = MemorySource.Entry(name, .f32, shape, bytes: bytes)
    }
}
