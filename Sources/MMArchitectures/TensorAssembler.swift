internal import MMBytes
internal import MMTensors

/// Puts a tensor of the model together from what the source has of it.
struct TensorAssembler {
    let builder: CoverageBuilder
    /// Of the tensor in the bundle.
    let name: ByteString
    let shape: [Int]
    let layer: LayerKnobs?

    /// A tensor of the model, and what of the source it is made of.
    struct Assembled {
        let descriptor: TensorDescriptor
        let mapping: TensorMapping
        let parts: [Part]
    }

    struct Part {
        let sourceIndex: Int
        let byteCount: Int
        let operation: LayoutOperation?
    }

    var tensors: [TensorDescriptor] { builder.source.tensors }

    /// The tensor as it is, or with its rows in another order.
    func whole(_ rule: ArchitectureDescription.TensorRule, index: Int) throws(ArchitectureError) -> Assembled {
        let reshaped = tensors[index].withOnes(as: shape)
        let found = reshaped ?? tensors[index]
        try expect(shape, of: found)
        let operation = reshaped.map { _ in LayoutOperation.shape(tensors[index].shape.dimensions) }
        guard builder.names.spelling == .gguf, case .ropeUnpermute(let heads) = rule.ggufOperation else {
            return Assembled(
                descriptor: found.renamed(name),
                mapping: .whole(sourceIndex: index),
                parts: [Part(sourceIndex: index, byteCount: found.byteCount, operation: operation)]
            )
        }
        let headCount = try builder.count(heads, layer: layer, of: found.name)
        let rowCount = found.shape.dimensions.first ?? 0
        guard let permutation = RowPermutation(rowCount: rowCount, headCount: headCount),
            let rowByteCount = found.outermostByteCount
        else { throw builder.error(.notPermutable(rowCount: rowCount, headCount: headCount), found.name) }
        return Assembled(
            descriptor: found.renamed(name),
            mapping: .permuted(sourceIndex: index, permutation, rowByteCount: rowByteCount),
            parts: [
                Part(sourceIndex: index, byteCount: found.byteCount, operation: .ropeUnpermute(headCount: headCount))
            ]
        )
    }

    /// One tensor for each element of the outermost dimension.
    func stack(_ origin: TensorOrigin, count expression: Expression) throws(ArchitectureError) -> Assembled {
        let count = try builder.count(expression, layer: layer, of: name)
        guard count > 0, count <= tensors.count, count == shape.first else {
            throw builder.error(.badStack(count: count, tensorCount: tensors.count), name)
        }
        let inner = Array(shape.dropFirst())
        var pieces: [TensorPiece] = []
        var first: TensorDescriptor?
        var parts: [Part] = []
        for expert in 0..<count {
            let name = builder.names.name(of: origin, layer: layer?.index, expert: expert)
            guard let index = builder.names.index(named: name) else {
                throw builder.error(.missingTensor(names: [name], others: 0), self.name)
            }
            let found = tensors[index]
            try expect(inner, of: found)
            if let first, first.type != found.type {
                throw builder.error(.wrongType(found: found.type, expected: first.type), found.name)
            }
            first = first ?? found
            pieces.append(TensorPiece(sourceIndex: index, offset: 0, byteCount: found.byteCount))
            parts.append(Part(sourceIndex: index, byteCount: found.byteCount, operation: .element(expert)))
        }
        return Assembled(
            descriptor: try descriptor(type: first?.type),
            mapping: .pieces(PieceList(pieces)),
            parts: parts
        )
    }

    /// Rows `start` and following of every matrix of a tensor that has `total` of them.
    func rows(index: Int, start: Expression, total: Expression) throws(ArchitectureError) -> Assembled {
        let found = tensors[index]
        let start = try builder.count(start, layer: layer, of: name)
        let total = try builder.count(total, layer: layer, of: name)
        let dimension = max(0, shape.count - 2)
        var whole = shape
        guard shape.count > 0, let count = shape.indices.contains(dimension) ? shape[dimension] : nil,
            count > 0, start <= total, count <= total - start
        else { throw builder.error(.badRows(start: start, total: total), name) }
        whole[dimension] = total
        try expect(whole, of: found)
        let descriptor = try descriptor(type: found.type)
        let matrixCount = shape[..<dimension].reduce(1, *)
        guard matrixCount > 0, descriptor.byteCount > 0, descriptor.byteCount % (matrixCount * count) == 0,
            found.type.block.elementCount == 1 || shape.count > 1
        else { throw builder.error(.badRows(start: start, total: total), name) }
        let rowByteCount = descriptor.byteCount / (matrixCount * count)
        let pieces = (0..<matrixCount).map { matrix in
            // Inside the found tensor, whose shape is the expected one.
            TensorPiece(
                sourceIndex: index,
                offset: (matrix * total + start) * rowByteCount,
                byteCount: count * rowByteCount
            )
        }
        let operation = LayoutOperation.rows(start: start, count: count)
        return Assembled(
            descriptor: descriptor,
            mapping: .pieces(PieceList(pieces)),
            parts: [Part(sourceIndex: index, byteCount: descriptor.byteCount, operation: operation)]
        )
    }

    func descriptor(type: ElementType?) throws(ArchitectureError) -> TensorDescriptor {
        guard let type, let shape = Shape(shape),
            let descriptor = TensorDescriptor(name: name, type: type, shape: shape)
        else { throw builder.error(.badStack(count: shape.first ?? 0, tensorCount: tensors.count), name) }
        return descriptor
    }

    func expect(_ expected: [Int], of found: TensorDescriptor) throws(ArchitectureError) {
        guard found.shape.dimensions == expected else {
            throw builder.error(.wrongShape(found: found.shape, expected: expected), found.name)
        }
    }
}

extension TensorDescriptor {
    /// The tensor in the shape `wanted`, where the two differ by dimensions of 1 only: a learned token is a vector in one
    /// checkpoint and a matrix of one row in another, and a convolution by 1 x 1 is a matrix. Nil where they differ
    /// otherwise, or not at all.
    fileprivate func withOnes(as wanted: [Int]) -> TensorDescriptor? {
        guard shape.dimensions != wanted, shape.dimensions.filter({ $0 != 1 }) == wanted.filter({ $0 != 1 }),
            let shape = Shape(wanted), let reshaped = TensorDescriptor(name: name, type: type, shape: shape),
            reshaped.byteCount == byteCount,
            type.block.elementCount == 1 || reshaped.rowByteCount == rowByteCount
        else { return nil }
        return reshaped
    }

    /// Bytes of one unit of the outermost dimension; nil where that is no whole number of blocks.
    fileprivate var outermostByteCount: Int? {
        guard let rows = shape.dimensions.first, rows > 0, byteCount % rows == 0 else { return nil }
        if shape.rank == 1 { return type.block.elementCount == 1 ? byteCount / rows : nil }
        return rowCount % rows == 0 ? byteCount / rows : nil
    }
}
