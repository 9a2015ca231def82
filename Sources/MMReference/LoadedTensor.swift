internal import CKernels
internal import MMTensors

/// A tensor with its bytes.
struct LoadedTensor: Sendable {
    let descriptor: TensorDescriptor
    let bytes: TensorBytes

    /// The elements as f32; the shape must be [count].
    func vector(count: Int) throws -> FloatBuffer {
        guard descriptor.shape.dimensions == [count] else {
            throw ReferenceError(.wrongShape(descriptor.name, found: descriptor.shape, needed: [count]))
        }
        guard let type = descriptor.type.ggmlType, mmk_can_decode(type) else {
            throw ReferenceError(.undecodableType(descriptor.name, descriptor.type))
        }
        let padded = try FloatBuffer(count: descriptor.paddedRowElementCount)
        precondition(bytes.byteCount >= descriptor.rowByteCount || count == 0)
        // One row of whole blocks, into a buffer of as many elements.
        let decoded = unsafe mmk_decode(type, bytes.pointer, padded.pointer, padded.count)
        precondition(decoded)
        guard padded.count != count else { return padded }
        let vector = try FloatBuffer(count: count)
        // count <= padded.count.
        unsafe vector.pointer.update(from: padded.pointer, count: count)
        return vector
    }
}
