internal import MMBytes
internal import MMTensors

/// How the tensors of a source are cut into slabs: the units that are read, encoded and written.
///
/// A slab is four chunks of a compact tensor. Of a raw one it is more, since a tensor that is one slab is hashed by the
/// thread that reads it; but quantized bytes may be made of seven times as many on the fly. A tensor without bytes has
/// one slab without bytes, so that every tensor passes through the pipeline. The cut does not show in the output.
struct SlabPlan: Sendable {
    struct Slab: Hashable {
        let tensor: Int
        let offset: Int
        let byteCount: Int
        let isFirst: Bool
        let isLast: Bool
    }

    static let chunksPerSlab = 4

    /// Memory for raw slabs, all threads together.
    private static let rawByteCountLimit = 64 << 20

    private let tensors: [TensorDescriptor]
    private let slabByteCounts: [Int]
    /// The first slab of each tensor, and the number of all slabs.
    private let firstSlabs: [Int]

    /// `spaceCount` slabs will be in memory at once.
    init(_ tensors: [TensorDescriptor], encodings: [BundleEncoding], spaceCount: Int) {
        let slabByteCounts = zip(tensors, encodings).map { tensor, encoding in
            let chunkByteCount = Self.chunkByteCount(of: tensor)
            let isLong = encoding == .raw && !tensor.type.isQuantized
            let chunkCount = isLong ? Self.rawChunkCount(spaceCount: spaceCount) : Self.chunksPerSlab
            return chunkCount * chunkByteCount
        }
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

    /// 4 to 16 chunks of 256 KiB.
    private static func rawChunkCount(spaceCount: Int) -> Int {
        max(chunksPerSlab, min(16, rawByteCountLimit / spaceCount / BundleFormat.chunkByteCount))
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
