internal import CKernels
package import MMBytes
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
    /// - Parameter progress: is told the name of every tensor as its comparison is complete.
    /// - Throws: `ParityError` for shapes that differ and for types that can be compared neither as bytes nor as
    ///   values; what reading and `progress` throw.
    package func compare(
        _ pairs: [TensorPair],
        progress: (_ name: ByteString) throws -> Void = { _ in }
    ) throws -> [TensorComparison] {
        let work = try pairs.map(makeWork)
        var unequalCounts = Array(repeating: 0, count: work.count)
        var sums = Array(repeating: KernelErrorSums(), count: work.count)
        func hasToBeMeasured(_ index: Int) -> Bool {
            work[index].isDecodable && (unequalCounts[index] > 0 || !work[index].isOfOneType)
        }
        try stream(
            work.indices.filter { work[$0].isOfOneType },
            of: work,
            make: { slot, slab, work in try slot.compareBytes(slab, work.base, work.other) },
            take: { index, slot in unequalCounts[index] += slot.unequalCount },
            finish: { index in if !hasToBeMeasured(index) { try progress(pairs[index].name) } }
        )
        try stream(
            work.indices.filter(hasToBeMeasured),
            of: work,
            make: { slot, slab, work in try slot.compareValues(slab, work.base, work.other) },
            take: { index, slot in sums[index].add(slot.sums) },
            finish: { index in try progress(pairs[index].name) }
        )
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

    /// - Parameters:
    ///   - take: is handed every slab of every pair, in order.
    ///   - finish: is told when that was a pair's last.
    private func stream(
        _ indices: [Int],
        of work: [ComparisonWork],
        make: @escaping @Sendable (ComparisonSlot, ComparisonSlab, ComparisonWork) throws -> Void,
        take: (_ index: Int, _ slot: ComparisonSlot) -> Void,
        finish: (_ index: Int) throws -> Void
    ) throws {
        let slabs = indices.flatMap { ComparisonSlab.covering($0, work[$0].base.tensor, work[$0].other.tensor) }
        try OrderedPipeline.run(
            count: slabs.count,
            width: threadCount,
            scratch: { try ComparisonSlot() },
            make: { index, slot in try make(slot, slabs[index], work[slabs[index].pair]) },
            consume: { index, slot in
                take(slabs[index].pair, slot)
                let isLast = index + 1 == slabs.count || slabs[index + 1].pair != slabs[index].pair
                if isLast { try finish(slabs[index].pair) }
            }
        )
    }
}
