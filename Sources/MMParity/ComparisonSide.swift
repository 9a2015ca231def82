internal import CKernels
internal import MMReference
internal import MMStorage
internal import MMTensors

/// One tensor of a comparison and where it is read from.
struct ComparisonSide: Sendable {
    let source: any TensorSource
    let index: Int

    var tensor: TensorDescriptor { source.tensors[index] }

    /// The type as the kernels have it; nil for types that are only compared as bytes.
    var decodableType: UInt32? {
        guard let type = tensor.type.ggmlType, mmk_can_decode(type) else { return nil }
        return type
    }

    /// Reads the stored bytes of a slab and says how many they are.
    func read(_ slab: ComparisonSlab, into buffer: PageBuffer) throws -> Int {
        let byteCount = slab.byteCount(in: tensor)
        var bytes = buffer.mutableBytes(byteCount)
        try source.read(index, at: slab.offset(in: tensor), into: &bytes)
        return byteCount
    }

    /// Decodes what `read` has read.
    func decode(_ slab: ComparisonSlab, _ bytes: PageBuffer, into values: FloatBuffer) throws {
        let count = slab.storedElementCount(in: tensor)
        precondition(count <= values.count)
        guard let type = decodableType else {
            throw ParityError(.notComparable(tensor.name, base: tensor.type, other: tensor.type))
        }
        // `read` filled the bytes of `count` elements, whole blocks.
        let decoded = unsafe mmk_decode(type, bytes.pointer, values.pointer, count)
        precondition(decoded)
    }
}
