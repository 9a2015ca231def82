package import MMArchitectures
package import MMBytes
internal import MMStorage
package import MMTensors

/// A source whose tensors come out quantized as a recipe says (or cast to a plain type), slab by slab as they are read.
///
/// Rows that the block does not divide are padded with zeros to the block.
package struct QuantizedSource: TensorSource {
    package let base: any TensorSource
    package let tensors: [TensorDescriptor]
    package let treatments: [TensorTreatment]
    let scratch = ScratchPool()

    /// Elements decoded and quantized at a time: 128 KiB of f32 stays in the second-level cache.
    static let sliceElementCount = 32768

    /// - Parameter roles: and `components`, one for each tensor of `base`.
    /// Throws `QuantizationError` when a tensor that the recipe names cannot be decoded, or none is named.
    package init(
        _ base: any TensorSource,
        roles: [TensorRole],
        components: [Component],
        recipe: QuantizationRecipe
    ) throws(QuantizationError) {
        let wanted = base.tensors.indices.map { index in
            recipe.quantizer(role: roles[index], component: components[index], shape: base.tensors[index].shape)
        }
        guard wanted.contains(where: { $0 != nil }) else {
            throw QuantizationError(.nothingToQuantize, subject: ByteString(recipe.name))
        }
        try self.init(base, wanted: wanted, equals: recipe.equals)
    }

    /// Casts every tensor to one plain type: F32, F16 or BF16. Finite weights that F16 cannot hold are an error.
    package init(_ base: any TensorSource, cast type: ElementType) throws(QuantizationError) {
        let quantizer = BlockQuantizer(type: type, method: .reference)
        try self.init(base, wanted: base.tensors.map { _ in quantizer })
    }

    private init(
        _ base: any TensorSource,
        wanted: [BlockQuantizer?],
        equals: Set<ElementType> = []
    ) throws(QuantizationError) {
        var tensors: [TensorDescriptor] = []
        var treatments: [TensorTreatment] = []
        for (tensor, quantizer) in zip(base.tensors, wanted) {
            let treatment = try Self.treatment(of: tensor, quantizer: quantizer, equals: equals)
            let type = treatment.quantizer?.type ?? tensor.type
            guard let descriptor = TensorDescriptor(name: tensor.name, type: type, shape: tensor.shape) else {
                throw QuantizationError(.undecodable(type: tensor.type.rawValue), subject: tensor.name)
            }
            tensors.append(descriptor)
            treatments.append(treatment)
        }
        self.base = base
        self.tensors = tensors
        self.treatments = treatments
    }

    private static func treatment(
        of tensor: TensorDescriptor,
        quantizer: BlockQuantizer?,
        equals: Set<ElementType>
    ) throws(QuantizationError) -> TensorTreatment {
        guard let quantizer else { return .keep }
        if tensor.type == quantizer.type || equals.contains(tensor.type) { return .copy }
        guard tensor.type.isDecodable else {
            throw QuantizationError(.undecodable(type: tensor.type.rawValue), subject: tensor.name)
        }
        return tensor.type.isQuantized ? .requantize(quantizer, from: tensor.type) : .quantize(quantizer)
    }

    package var format: String { base.format }
    package var configuration: ModelConfiguration { base.configuration }
    package var metadata: JSONValue { base.metadata }
    package var assets: [Asset] { get throws { try base.assets } }
    package var files: [SourceFile] { base.files }

    package func read(_ index: Int, at offset: Int, into destination: inout MutableRawSpan) throws {
        guard let quantizer = treatments[index].quantizer else {
            return try base.read(index, at: offset, into: &destination)
        }
        let reader = ElementReader(source: base, index: index, target: tensors[index], scratch: scratch)
        let block = quantizer.type.block
        var element = offset / block.byteCount * block.elementCount
        var done = 0
        while done < destination.byteCount {
            let room = (destination.byteCount - done) / block.byteCount * block.elementCount
            let count = min(room, Self.sliceElementCount)
            let byteCount = count / block.elementCount * block.byteCount
            var part = destination._mutatingExtracting(done..<done + byteCount)
            try scratch.withBuffer(capacity: count * MemoryLayout<Float>.stride) { buffer in
                var floats = buffer.mutableFloats(count)
                try reader.read(element, into: &floats)
                try encode(floats.span, of: reader, with: quantizer, into: &part)
            }
            element += count
            done += byteCount
        }
    }

    /// Quantizes a slice; a plain type takes infinities and NaN as they are, blocks cannot.
    private func encode(
        _ floats: Span<Float>,
        of reader: ElementReader,
        with quantizer: BlockQuantizer,
        into part: inout MutableRawSpan
    ) throws {
        let isFinite = BlockQuantizer.nonFiniteCount(floats) == 0
        guard isFinite || !quantizer.type.isQuantized else {
            throw QuantizationError(.nonFinite(count: try reader.nonFiniteCount()), subject: reader.target.name)
        }
        quantizer.quantize(floats, into: &part)
        guard !isFinite || quantizer.scalesAreFinite(part.bytes) else {
            throw QuantizationError(.scaleOverflow(type: quantizer.type.rawValue), subject: reader.target.name)
        }
    }
}
