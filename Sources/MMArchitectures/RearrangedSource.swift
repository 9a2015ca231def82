package import MMBytes
package import MMTensors

/// The tensors of a model laid out as a checkpoint has them: the opposite of `MappedSource`.
///
/// Experts are tensors of their own again, and fused projections one tensor.
package struct RearrangedSource: TensorSource {
    package let base: any TensorSource
    package let tensors: [TensorDescriptor]
    private let lists: [PieceList]

    /// - Parameter claims: which tensor of the checkpoint each tensor of `base` came from, or goes to; a tensor without
    ///   one is left out.
    /// Throws `ArchitectureError` for claims that no layout satisfies.
    package init(_ base: any TensorSource, claims: [CoverageLedger.Claim]) throws {
        var indices: [ByteString: Int] = [:]
        for (index, tensor) in base.tensors.enumerated() { indices[tensor.name] = index }
        var order: [ByteString] = []
        var groups: [ByteString: [(index: Int, operation: LayoutOperation?)]] = [:]
        for claim in claims {
            guard let index = indices[claim.name] else { continue }
            if groups[claim.sourceName] == nil { order.append(claim.sourceName) }
            groups[claim.sourceName, default: []].append((index, claim.operation))
        }
        var tensors: [TensorDescriptor] = []
        var lists: [PieceList] = []
        for name in order {
            let layout = CheckpointTensor(name: name, parts: groups[name] ?? [], tensors: base.tensors)
            let (descriptor, pieces) = try layout.assembled()
            tensors.append(descriptor)
            lists.append(PieceList(pieces))
        }
        self.base = base
        self.tensors = tensors
        self.lists = lists
    }

    package var format: String { base.format }
    package var configuration: ModelConfiguration { base.configuration }
    package var metadata: JSONValue { base.metadata }
    package var assets: [Asset] { get throws { try base.assets } }
    package var files: [SourceFile] { base.files }

    package func read(_ index: Int, at offset: Int, into destination: inout MutableRawSpan) throws {
        try lists[index].read(from: base, at: offset, into: &destination)
    }
}

/// One tensor of a checkpoint and the tensors of the model that make it.
private struct CheckpointTensor {
    let name: ByteString
    let parts: [(index: Int, operation: LayoutOperation?)]
    let tensors: [TensorDescriptor]

    func assembled() throws(ArchitectureError) -> (TensorDescriptor, [TensorPiece]) {
        guard let first = parts.first else { throw impossible("no tensor makes it") }
        let tensor = tensors[first.index]
        if parts.count == 1 {
            switch first.operation {
            case nil, .ropeUnpermute:
                let piece = TensorPiece(sourceIndex: first.index, offset: 0, byteCount: tensor.byteCount)
                return (tensor.renamed(name), [piece])
            case .element(let element): return try self.element(element, of: first.index)
            case .shape(let dimensions):
                guard let shape = Shape(dimensions), shape.elementCount == tensor.shape.elementCount,
                    let descriptor = TensorDescriptor(name: name, type: tensor.type, shape: shape),
                    descriptor.byteCount == tensor.byteCount
                else { throw impossible("\(tensor.name) does not have its elements") }
                return (
                    descriptor, [TensorPiece(sourceIndex: first.index, offset: 0, byteCount: tensor.byteCount)]
                )
            case .rows, .frame: break
            }
        }
        return try fused()
    }

    private func element(_ element: Int, of index: Int) throws(ArchitectureError) -> (TensorDescriptor, [TensorPiece]) {
        let tensor = tensors[index]
        guard let count = tensor.shape.dimensions.first, element < count,
            let shape = Shape(Array(tensor.shape.dimensions.dropFirst())),
            let descriptor = TensorDescriptor(name: name, type: tensor.type, shape: shape),
            descriptor.byteCount.multipliedReportingOverflow(by: count) == (tensor.byteCount, false)
        else { throw impossible("\(tensor.name) has no element \(element)") }
        let piece = TensorPiece(
            sourceIndex: index,
            offset: element * descriptor.byteCount,
            byteCount: descriptor.byteCount
        )
        return (descriptor, [piece])
    }

    /// Rows of several tensors one after another, matrix by matrix.
    private func fused() throws(ArchitectureError) -> (TensorDescriptor, [TensorPiece]) {
        var rows: [(start: Int, count: Int, index: Int)] = []
        for part in parts {
            guard case .rows(let start, let count) = part.operation else {
                throw impossible("tensors lie in one place")
            }
            rows.append((start, count, part.index))
        }
        rows.sort { $0.start < $1.start }
        let model = tensors[rows[0].index]
        let dimension = max(0, model.shape.rank - 2)
        var total = 0
        for row in rows {
            let shape = tensors[row.index].shape.dimensions
            var expected = model.shape.dimensions
            guard row.start == total, expected.indices.contains(dimension) else { throw impossible("rows are missing") }
            expected[dimension] = row.count
            guard shape == expected, tensors[row.index].type == model.type else {
                throw impossible("\(tensors[row.index].name) does not fit beside \(model.name)")
            }
            guard let sum = total.adding(row.count) else { throw impossible("too many rows") }
            total = sum
        }
        var dimensions = model.shape.dimensions
        dimensions[dimension] = total
        let matrixCount = dimensions[..<dimension].reduce(1, *)
        guard let shape = Shape(dimensions),
            let descriptor = TensorDescriptor(name: name, type: model.type, shape: shape),
            matrixCount > 0
        else { throw impossible("its size does not fit") }
        var pieces: [TensorPiece] = []
        for matrix in 0..<matrixCount {
            for row in rows {
                let byteCount = tensors[row.index].byteCount / matrixCount
                pieces.append(TensorPiece(sourceIndex: row.index, offset: matrix * byteCount, byteCount: byteCount))
            }
        }
        return (descriptor, pieces)
    }

    @inline(never)
    private func impossible(_ text: String) -> ArchitectureError {
        ArchitectureError(.contradiction(text), architecture: "layout", subject: name)
    }
}
