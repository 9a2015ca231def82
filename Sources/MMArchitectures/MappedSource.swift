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
    /// Whether loading lends what the source can lend; without it everything is read.
    package var isLending = true

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
    package var assets: [Asset] { get throws { try base.assets } }
    package var files: [SourceFile] { base.files }

    package func load(_ index: Int) throws -> TensorBytes {
        guard isLending else { return try TensorBytes.reading(index, of: self) }
        switch mappings[index] {
        case .whole(let sourceIndex): return try base.load(sourceIndex)
        case .pieces(let list) where list.pieces.count == 1:
            let piece = list.pieces[0]
            return try base.load(piece.sourceIndex, bytes: piece.offset..<piece.offset + piece.byteCount)
        case .pieces, .permuted: return try TensorBytes.reading(index, of: self)
        }
    }

    package func load(_ index: Int, bytes range: Range<Int>) throws -> TensorBytes {
        guard isLending, case .whole(let sourceIndex) = mappings[index] else { return try load(index).slice(range) }
        return try base.load(sourceIndex, bytes: range)
    }

    package func read(_ index: Int, at offset: Int, into destination: inout MutableRawSpan) throws {
        switch mappings[index] {
        case .whole(let sourceIndex): try base.read(sourceIndex, at: offset, into: &destination)
        case .pieces(let list): try list.read(from: base, at: offset, into: &destination)
        case .permuted(let sourceIndex, let permutation, let rowByteCount):
            let gathering = RowGathering(
                source: base,
                index: sourceIndex,
                permutation: permutation,
                rowByteCount: rowByteCount,
                scratch: scratch
            )
            try gathering.read(at: offset, into: &destination)
        }
    }

    /// Where the stored bytes of all tensors lie, in the order of the tensors: the order in which a whole model is read.
    package var extents: [FileExtent] {
        mappings.flatMap { mapping -> [FileExtent] in
            switch mapping {
            case .whole(let index), .permuted(let index, _, _): return base.extent(index).map { [$0] } ?? []
            case .pieces(let list):
                return list.pieces.compactMap { piece in
                    base.extent(piece.sourceIndex).map { extent in
                        let start = extent.range.lowerBound + piece.offset
                        return FileExtent(file: extent.file, range: start..<start + piece.byteCount)
                    }
                }
            }
        }
    }
}
