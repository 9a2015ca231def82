internal import MMBytes
internal import MMTensors

/// How the tensors of a source are cut into slabs: the units that are read, encoded and written.
///
/// A slab is four chunks. A tensor without bytes has one slab without bytes, so that every tensor passes through the
/// pipeline. The cut does not show in the output.
struct SlabPlan: Sendable {
    struct Slab: Hashable {
        let tensor: Int
        let offset: Int
        let byteCount: Int
        let isFirst: Bool
        let isLast: Bool
    }

    static let chunksPerSlab = 4

    private let tensors: [TensorDescriptor]
    private let slabByteCounts: [Int]
    /// The first slab of each tensor, and the number of all slabs.
    private let firstSlabs: [Int]

    init(_ tensors: [TensorDescriptor]) {
        let slabByteCounts = tensors.map { Self.chunksPerSlab * Self.chunkByteCount(of: $0) }
        self.tensors = tensors
        self.slabByteCounts = slabByteCounts
        var firstSlabs = [0]
        var count = 0
        for (tensor, slabByteCount) in zip(tensors, slabByteCounts) {
            // A tensor of 2^63 bytes has 2^43 slabs, and there are at most 2^18 tensors: no overflow.
            count += max(1, tensor.byteCount.dividedRoundingUp(by: slabByteCount))
            firstSlabs.append(count)
        }
        self.firstSlabs = firstSlabs
    }

    var count: Int { firstSlabs[tensors.count] }

    /// The first slab of tensor `index`; for the number of tensors, that of all slabs.
    func firstSlab(of index: Int) -> Int { firstSlabs[index] }

    static func chunkByteCount(of tensor: TensorDescriptor) -> Int {
        let block = tensor.type.block.byteCount
        return BundleFormat.chunkByteCount / block * block
    }

    /// Bytes of the longest slab.
    var longestByteCount: Int { slabByteCounts.max() ?? 0 }

    /// Slab `index`, below `count`.
    subscript(index: Int) -> Slab {
        var low = 0
        var high = tensors.count
        // The last tensor whose first slab is not behind `index`.
        while high - low > 1 {
            let middle = (low + high) / 2
            if firstSlabs[middle] <= index { low = middle } else { high = middle }
        }
        let tensor = tensors[low]
        let byteCount = slabByteCounts[low]
        let offset = (index - firstSlabs[low]) * byteCount
        return Slab(
            tensor: low,
            offset: offset,
            byteCount: min(byteCount, tensor.byteCount - offset),
            isFirst: index == firstSlabs[low],
            isLast: index == firstSlabs[low + 1] - 1
        )
    }
}
