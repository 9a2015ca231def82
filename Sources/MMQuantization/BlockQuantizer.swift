internal import CKernels
package import MMTensors

/// Turns f32 elements into the blocks of one type.
package struct BlockQuantizer: Sendable, Hashable {
    package enum Method: String, Sendable, Hashable {
        /// GGML's reference arithmetic, bit for bit (ggml-quants.c, `quantize_row_*_ref`).
        case reference
        /// The same block layout, its scale (and minimum) searched for the least weighted squared error.
        case searched
    }

    package let type: ElementType
    package let method: Method

    package init(type: ElementType, method: Method) {
        self.type = type
        self.method = method
    }

    /// Quantizes whole blocks: finite elements in, exactly their blocks out.
    package func quantize(_ elements: Span<Float>, into destination: inout MutableRawSpan) {
        let block = type.block
        precondition(elements.count % block.elementCount == 0)
        precondition(destination.byteCount == elements.count / block.elementCount * block.byteCount)
        guard let id = type.ggmlType else { preconditionFailure("a type without blocks") }
        // Both sides were sized by the preconditions; the kernels touch exactly that much.
        let isQuantized = unsafe elements.withUnsafeBufferPointer { input in
            unsafe destination.withUnsafeMutableBytes { output in
                guard let from = input.baseAddress, let to = output.baseAddress else { return true }
                return unsafe method == .reference
                    ? mmk_quantize(id, from, to, elements.count) : mmk_quantize_searched(id, from, to, elements.count)
            }
        }
        precondition(isQuantized)
    }

    /// Whether every f16 among the blocks (scale, minimum, or the element itself) is finite: f16 ends at 65504.
    func scalesAreFinite(_ blocks: RawSpan) -> Bool {
        let stride = type.block.byteCount
        for offset in scaleOffsets {
            var position = offset
            while position < blocks.byteCount {
                // In bounds: the span holds whole blocks and the offset lies two bytes before the end of one or more.
                let scale = unsafe blocks.unsafeLoadUnaligned(fromUncheckedByteOffset: position, as: UInt16.self)
                if UInt16(littleEndian: scale) & 0x7C00 == 0x7C00 { return false }
                position += stride
            }
        }
        return true
    }

    /// Where a block keeps its f16 scale and minimum (ggml-common.h).
    private var scaleOffsets: [Int] {
        switch type {
        case .f16, .q4_0, .q5_0, .q8_0, .iq4_NL: [0]
        case .q4_1, .q5_1, .q4_K, .q5_K: [0, 2]
        case .q6_K: [208]
        default: []
        }
    }

    /// How many elements are infinite or not a number.
    static func nonFiniteCount(_ elements: Span<Float>) -> Int {
        // The kernel reads exactly the span.
        unsafe elements.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return 0 }
            return unsafe mmk_count_nonfinite(base, buffer.count)
        }
    }
}
