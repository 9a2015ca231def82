internal import CKernels
internal import MMBytes
internal import MMStorage
package import MMTensors

/// Compares the tensors of two sources, streamed slab by slab: memory does not depend on the model.
///
/// Tensors of one type are compared as bytes first, which is all that there is to a lossless bundle; those of another
/// type, or with a difference, are decoded to f32 and measured. Results depend neither on threads nor on timing.
package struct TensorComparator: Sendable {
    private let base: any TensorSource
    private let other: any TensorSource
    private let threadCount: Int

    package init(base: any TensorSource, other: any TensorSource, threadCount: Int) {
        self.base = base
        self.other = other
        self.threadCount = threadCount
    }

    /// Compares every pair, and returns the comparisons in the order of the pairs.
    ///
    /// - Parameter progress: is told of bytes of the base source that have been dealt with, as they are.
    /// - Throws: `ParityError` for shapes that differ and for types that can be compared neither as bytes nor as
    ///   values; what reading and `progress` throw.
    package func compare(
        _ pairs: [TensorPair],
        progress: (_ byteCount: Int) throws -> Void = { _ in }
    ) throws -> [TensorComparison] {
        let work = try pairs.map(makeWork)
        let unequalCounts = try countUnequal(work, progress: progress)
        let sums = try measure(work, unequalCounts: unequalCounts, progress: progress)
        return work.indices.map { index in
            let (base, other) = (work[index].base.tensor, work[index].other.tensor)
            let error = work[index].isDecodable ? TensorErrorMeasure(sums[index]) : nil
            // Plain elements are counted as they are stored, blocks as what they decode to.
            let isCounted = base.type == other.type && (error == nil || !base.type.isQuantized)
            return TensorComparison(
                name: pairs[index].name,
                baseType: base.type,
                otherType: other.type,
                shape: base.shape,
                unequalCount: isCounted ? unequalCounts[index] : Int(clamping: sums[index].unequal),
                hasEqualBytes: base.type == other.type && unequalCounts[index] == 0,
                error: error
            )
        }
    }

    private func makeWork(_ pair: TensorPair) throws -> ComparisonWork {
        let work = ComparisonWork(
            base: ComparisonSide(source: base, index: pair.base),
            other: ComparisonSide(source: other, index: pair.other)
        )
        let (base, other) = (work.base.tensor, work.other.tensor)
        guard base.shape == other.shape else {
            throw ParityError(.shapesDiffer(pair.name, base: base.shape, other: other.shape))
        }
        guard base.type == other.type || work.isDecodable else {
            throw ParityError(.notComparable(pair.name, base: base.type, other: other.type))
        }
        return work
    }

    /// Stored elements in blocks that differ, of the pairs of one type; 0 for the others.
    private func countUnequal(_ work: [ComparisonWork], progress: (Int) throws -> Void) throws -> [Int] {
        var counts = Array(repeating: 0, count: work.count)
        let alike = work.indices.filter { work[$0].base.tensor.type == work[$0].other.tensor.type }
        try stream(
            alike,
            of: work,
            progress: progress,
            make: { slot, slab, work in try slot.compareBytes(slab, work.base, work.other) },
            take: { index, slot in counts[index] += slot.unequalCount }
        )
        return counts
    }

    /// Sums over the values of the pairs that have another type or differ in a byte; none for the others.
    private func measure(
        _ work: [ComparisonWork],
        unequalCounts: [Int],
        progress: (Int) throws -> Void
    ) throws -> [KernelErrorSums] {
        var sums = Array(repeating: KernelErrorSums(), count: work.count)
        let differing = work.indices.filter {
            work[$0].isDecodable && (unequalCounts[$0] > 0 || work[$0].base.tensor.type != work[$0].other.tensor.type)
        }
        // Bytes of pairs of one type were reported when they were compared as bytes.
        for wasReported in [false, true] {
            try stream(
                differing.filter { (unequalCounts[$0] > 0) == wasReported },
                of: work,
                progress: { if !wasReported { try progress($0) } },
                make: { slot, slab, work in try slot.compareValues(slab, work.base, work.other) },
                take: { index, slot in sums[index].add(slot.sums) }
            )
        }
        return sums
    }

    private func stream(
        _ indices: [Int],
        of work: [ComparisonWork],
        progress: (Int) throws -> Void,
        make: @escaping @Sendable (ComparisonSlot, ComparisonSlab, ComparisonWork) throws -> Void,
        take: (_ index: Int, _ slot: ComparisonSlot) -> Void
    ) throws {
        let slabs = indices.flatMap { ComparisonSlab.covering($0, work[$0].base.tensor, work[$0].other.tensor) }
        try OrderedPipeline.run(
            count: slabs.count,
            width: threadCount,
            scratch: { ComparisonSlot() },
            make: { index, slot in try make(slot, slabs[index], work[slabs[index].pair]) },
            consume: { index, slot in
                take(slabs[index].pair, slot)
                try progress(slabs[index].byteCount(in: work[slabs[index].pair].base.tensor))
            }
        )
    }
}
