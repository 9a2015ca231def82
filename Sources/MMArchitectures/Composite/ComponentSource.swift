internal import MMBytes
internal import MMTensors

/// A source as one part of the model in it sees it: all tensors, and the part's own configuration.
struct ComponentSource: TensorSource {
    let base: any TensorSource
    let configuration: ModelConfiguration

    var format: String { base.format }
    var tensors: [TensorDescriptor] { base.tensors }
    var metadata: JSONValue { base.metadata }
    var assets: [Asset] { get throws { try base.assets } }
    var files: [SourceFile] { base.files }

    func read(_ index: Int, at offset: Int, into destination: inout MutableRawSpan) throws {
        try base.read(index, at: offset, into: &destination)
    }

    func load(_ index: Int) throws -> TensorBytes { try base.load(index) }

    func load(_ index: Int, bytes range: Range<Int>) throws -> TensorBytes { try base.load(index, bytes: range) }
}
