package import MMBytes
internal import MMStorage
package import MMTensors

/// A checkpoint in the terms of a bundle: bundle names, execution order, Hugging Face's order of rows.
///
/// Of a known architecture every tensor is claimed or ignored with a reason, and all that it requires is there with
/// the shape that it computes. A source of an unknown one is passed through as it is.
package struct MappedSource: TensorSource {
    package let base: any TensorSource
    package let tensors: [TensorDescriptor]
    /// Of each tensor, in the order of `tensors`.
    package let roles: [TensorRole]
    package let components: [Component]
    /// What each tensor is called in the source.
    package let sourceNames: [ByteString]
    package let model: ResolvedModel
    package let ledger: CoverageLedger
    let mappings: [TensorMapping]
    let architecture: ArchitectureDescription?
    private let scratch = ScratchPool()

    init(
        base: any TensorSource,
        tensors: [MappedTensor],
        model: ResolvedModel,
        ledger: CoverageLedger,
        architecture: ArchitectureDescription?
    ) {
        self.base = base
        self.tensors = tensors.map(\.descriptor)
        roles = tensors.map(\.role)
        components = tensors.map(\.component)
        sourceNames = tensors.map { base.tensors[$0.mapping.sourceIndex].name }
        mappings = tensors.map(\.mapping)
        self.model = model
        self.ledger = ledger
        self.architecture = architecture
    }

    package var format: String { base.format }
    package var configuration: ModelConfiguration { .bundle(model.json) }
    package var metadata: JSONValue { base.metadata }
    package var assets: [Asset] { base.assets }
    package var files: [SourceFile] { base.files }

    package func load(_ index: Int) throws -> TensorBytes {
        guard mappings[index].permutation != nil else { return try base.load(mappings[index].sourceIndex) }
        return try TensorBytes.reading(index, of: self)
    }

    package func read(_ index: Int, at offset: Int, into destination: inout MutableRawSpan) throws {
        let mapping = mappings[index]
        guard let permutation = mapping.permutation else {
            return try base.read(mapping.sourceIndex, at: offset, into: &destination)
        }
        let gathering = RowGathering(
            source: base,
            index: mapping.sourceIndex,
            permutation: permutation,
            rowByteCount: mapping.rowByteCount,
            scratch: scratch
        )
        try gathering.read(at: offset, into: &destination)
    }
}
