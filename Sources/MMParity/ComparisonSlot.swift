internal import CKernels
internal import MMReference
internal import MMStorage
internal import MMTensors

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// What one slab is read into and compared in, and the outcome.
///
/// Unchecked: the pipeline hands a slot to one thread at a time.
final class ComparisonSlot: @unchecked Sendable {
    /// No element type takes more than 8 bytes an element.
    private let baseBytes = PageBuffer(capacity: ComparisonSlab.elementLimit * 8)
    private let otherBytes = PageBuffer(capacity: ComparisonSlab.elementLimit * 8)
    private let baseValues: FloatBuffer
    private let otherValues: FloatBuffer
    /// Of the slab that `compareValues` was given last.
    private(set) var sums = KernelErrorSums()
    /// Stored elements in blocks that differ, of the slab that `compareBytes` was given last.
    private(set) var unequalCount = 0

    init() throws(ReferenceError) {
        baseValues = try FloatBuffer(count: ComparisonSlab.elementLimit, isZeroed: false)
        otherValues = try FloatBuffer(count: ComparisonSlab.elementLimit, isZeroed: false)
    }

    /// Compares the stored bytes of two tensors of one type.
    func compareBytes(_ slab: ComparisonSlab, _ base: ComparisonSide, _ other: ComparisonSide) throws {
        let byteCount = try base.read(slab, into: baseBytes)
        _ = try other.read(slab, into: otherBytes)
        unequalCount = 0
        // Both buffers were filled with byteCount bytes: type and slab are the same.
        guard unsafe memcmp(baseBytes.pointer, otherBytes.pointer, byteCount) != 0 else { return }
        let block = base.tensor.type.block
        for offset in stride(from: 0, to: byteCount, by: block.byteCount) {
            // A slab is whole blocks.
            let difference = unsafe memcmp(
                baseBytes.pointer + offset,
                otherBytes.pointer + offset,
                block.byteCount
            )
            if difference != 0 { unequalCount += block.elementCount }
        }
    }

    /// Compares the decoded values of two tensors of one shape, padding left out.
    func compareValues(_ slab: ComparisonSlab, _ base: ComparisonSide, _ other: ComparisonSide) throws {
        _ = try base.read(slab, into: baseBytes)
        _ = try other.read(slab, into: otherBytes)
        try base.decode(slab, baseBytes, into: baseValues)
        try other.decode(slab, otherBytes, into: otherValues)
        sums = KernelErrorSums()
        let baseStride = slab.storedRowElementCount(in: base.tensor)
        let otherStride = slab.storedRowElementCount(in: other.tensor)
        for row in 0..<slab.rows.count {
            // decode filled rows.count rows of as many elements, of which columns.count are logical.
            unsafe mmk_error_stats(
                baseValues.pointer + row * baseStride,
                otherValues.pointer + row * otherStride,
                slab.columns.count,
                &sums
            )
        }
    }
}
