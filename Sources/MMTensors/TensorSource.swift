public import MMBytes

/// What every format offers, and all that anything above the formats sees of one.
///
/// Headers are validated before a value of this type exists; afterwards only reading can fail. Adaptors (renaming,
/// quantizing) are sources too. Safe to read from several threads at once.
public protocol TensorSource: Sendable {
    /// "safetensors", "gguf" or "mmpack".
    var format: String { get }

    /// The tensors, in the order of the files; a tensor's index in this array names it below.
    var tensors: [TensorDescriptor] { get }

    /// Fills `destination` with the stored bytes from `offset` (from the tensor's first byte) of tensor `index`.
    ///
    /// `offset` and the length are multiples of the type's block size, inside the tensor.
    func read(_ index: Int, at offset: Int, into destination: inout MutableRawSpan) throws

    /// The whole tensor in memory: lent from a mapping where the format allows it, else read.
    func load(_ index: Int) throws -> TensorBytes

    /// Bytes `range` of tensor `index`, such as those of a few rows or of one expert, without the rest where the format
    /// allows it.
    func load(_ index: Int, bytes range: Range<Int>) throws -> TensorBytes

    /// Where the stored bytes of tensor `index` lie; nil where they do not lie in one place of one file.
    func extent(_ index: Int) -> FileExtent?

    /// What says which model this is.
    var configuration: ModelConfiguration { get }

    /// Free metadata of the format as `inspect` shows it: an object.
    var metadata: JSONValue { get }

    /// Files that travel with the weights, verbatim. Throws where they are read when they are asked for, and cannot be.
    var assets: [Asset] { get throws }

    /// The files that the source was read from, in order.
    var files: [SourceFile] { get }
}

extension TensorSource {
    public func load(_ index: Int) throws -> TensorBytes {
        try TensorBytes.reading(index, of: self)
    }

    public func load(_ index: Int, bytes range: Range<Int>) throws -> TensorBytes {
        try load(index).slice(range)
    }

    public func extent(_ index: Int) -> FileExtent? { nil }
}
