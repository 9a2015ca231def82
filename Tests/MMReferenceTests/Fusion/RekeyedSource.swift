import MMBytes
import MMTensors

/// A GGUF source with other values of some keys, without those that are null, and with other names of some tensors.
struct RekeyedSource: TensorSource {
    let base: any TensorSource
    let metadata: JSONValue
    let tensors: [TensorDescriptor]

    /// - Parameter renaming: a part of tensors' names, and what stands there instead.
    init(
        _ base: any TensorSource,
        _ changes: KeyValuePairs<String, JSONValue>,
        renaming: (from: String, to: String)? = nil
    ) {
        self.base = base
        tensors = base.tensors.map { tensor in
            guard let (from, to) = renaming else { return tensor }
            return tensor.renamed(ByteString(tensor.name.string.replacing(from, with: to)))
        }
        var members = base.metadata.members ?? []
        for (name, value) in changes {
            members.removeAll { $0.name == ByteString(name) }
            if value != .null { members.append(JSONMember(name: ByteString(name), value: value)) }
        }
        metadata = .object(members)
    }

    var format: String { base.format }
    var configuration: ModelConfiguration { .gguf(metadata) }
    var assets: [Asset] { get throws { try base.assets } }
    var files: [SourceFile] { base.files }

    func read(_ index: Int, at offset: Int, into destination: inout MutableRawSpan) throws {
        try base.read(index, at: offset, into: &destination)
    }

    func load(_ index: Int) throws -> TensorBytes { try base.load(index) }
}
