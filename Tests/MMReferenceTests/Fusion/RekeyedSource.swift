import MMBytes
import MMTensors

/// A GGUF source with other values of some keys.
struct RekeyedSource: TensorSource {
    let base: any TensorSource
    let metadata: JSONValue

    init(_ base: any TensorSource, _ changes: KeyValuePairs<String, JSONValue>) {
        self.base = base
        var members = base.metadata.members ?? []
        for (name, value) in changes {
            members.removeAll { $0.name == ByteString(name) }
            members.append(JSONMember(name: ByteString(name), value: value))
        }
        metadata = .object(members)
    }

    var format: String { base.format }
    var configuration: ModelConfiguration { .gguf(metadata) }
    var tensors: [TensorDescriptor] { base.tensors }
    var assets: [Asset] { get throws { try base.assets } }
    var files: [SourceFile] { base.files }

    func read(_ index: Int, at offset: Int, into destination: inout MutableRawSpan) throws {
        try base.read(index, at: offset, into: &destination)
    }

    func load(_ index: Int) throws -> TensorBytes { try base.load(index) }
}
