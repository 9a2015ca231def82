package import MMBytes
package import MMTensors

/// The tensors of a model with the weights of norms as transformers has them: less one, where GGUF keeps what multiplies
/// and transformers what is added to one.
package struct HuggingFaceNorms: TensorSource {
    package let base: any TensorSource
    /// By index of a tensor, what is added to its elements.
    package let shifts: [Int: Float]

    /// Throws `ArchitectureError` for such a norm that is not F32.
    package init(_ mapped: MappedSource) throws {
        base = mapped
        var shifts: [Int: Float] = [:]
        let parts = try mapped.parts()
        for (index, tensor) in mapped.tensors.enumerated() where mapped.roles[index] == .norm {
            guard let part = parts.first(where: { $0.description.rule(forBundleName: tensor.name) != nil }),
                part.normShift != 0
            else { continue }
            guard tensor.type == .f32 else {
                throw ArchitectureError(
                    .wrongType(found: tensor.type, expected: .f32),
                    architecture: part.description.id,
                    subject: tensor.name
                )
            }
            shifts[index] = Float(part.normShift)
        }
        self.shifts = shifts
    }

    package var format: String { base.format }
    package var configuration: ModelConfiguration { base.configuration }
    package var tensors: [TensorDescriptor] { base.tensors }
    package var metadata: JSONValue { base.metadata }
    package var assets: [Asset] { get throws { try base.assets } }
    package var files: [SourceFile] { base.files }

    package func read(_ index: Int, at offset: Int, into destination: inout MutableRawSpan) throws {
        try base.read(index, at: offset, into: &destination)
        guard let shift = shifts[index] else { return }
        let size = MemoryLayout<Float>.size
        for position in stride(from: 0, to: destination.byteCount / size * size, by: size) {
            // In bounds by the loop; any four bytes are a Float.
            let value = unsafe destination.bytes.unsafeLoadUnaligned(fromByteOffset: position, as: Float.self)
            destination.storeBytes(of: value + shift, toByteOffset: position, as: Float.self)
        }
    }

    package func load(_ index: Int) throws -> TensorBytes {
        shifts[index] == nil ? try base.load(index) : try TensorBytes.reading(index, of: self)
    }
}
