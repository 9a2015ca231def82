internal import MMTensors

extension TensorAssembler {
    /// Two tensors whose matrices take turns along the last dimension but two: the frames of a convolution, which GGUF
    /// keeps as two convolutions.
    func frames(index: Int, beside template: NameTemplate) throws(ArchitectureError) -> Assembled {
        let other = builder.names.name(of: TensorOrigin(name: template), layer: layer?.index)
        guard let second = builder.names.index(named: other) else {
            throw builder.error(.missingTensor(names: [other], others: 0), name)
        }
        let dimension = shape.count - 3
        guard dimension >= 0, shape[dimension] == 2 else {
            throw builder.error(.badStack(count: 2, tensorCount: tensors.count), name)
        }
        var inner = shape
        inner.remove(at: dimension)
        let found = [tensors[index], tensors[second]]
        for tensor in found {
            try expect(inner, of: tensor)
            guard tensor.type == found[0].type, tensor.type.block.elementCount == 1 else {
                throw builder.error(.wrongType(found: tensor.type, expected: found[0].type), tensor.name)
            }
        }
        let matrixCount = shape[..<dimension].reduce(1, *)
        let byteCount = found[0].byteCount / max(matrixCount, 1)
        // Whole matrices, of tensors whose shapes are the expected ones.
        let pieces = (0..<matrixCount).flatMap { matrix in
            [index, second].map { TensorPiece(sourceIndex: $0, offset: matrix * byteCount, byteCount: byteCount) }
        }
        return Assembled(
            descriptor: try descriptor(type: found[0].type),
            mapping: .pieces(PieceList(pieces)),
            parts: [index, second].enumerated().map { frame, index in
                Part(sourceIndex: index, byteCount: tensors[index].byteCount, operation: .frame(frame))
            }
        )
    }
}
