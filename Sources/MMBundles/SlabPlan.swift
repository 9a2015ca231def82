internal import MMBytes
internal import MMTensors

/// How the tensors of a source are cut into slabs: the units that are read, encoded and written.
///
/// A slab is four chunks of a compact tensor, and as many bytes of a raw one. A tensor without bytes has one slab
/// without bytes, so that every tensor passes through the pipeline.
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
    /// The first slab of each tensor, and the number of all slabs.
    private let firstSlabs: [Int]

    init(_ tensors: [TensorDescriptor]) {
        self.tensors = tensors
        var firstSlabs = [0]
        var count = 0
        for tensor in tensors {
            // A tensor of 2^63 bytes has 2^43 slabs, and there are at most a million tensors: no overflow.
            count += max(1, tensor.byteCount.dividedRoundingUp(by: Self.slabByteCount(of: tensor)))
            firstSlabs.append(count)
        }
        self.firstSlabs = firstSlabs
    }

    var count: Int { firstSlabs[tensors.count] }

    static func chunkByteCount(of tensor: TensorDescriptor) -> Int {
        let block = tensor.type.block.byteCount
        return BundleFormat.chunkByteCount / block * block
    }

    private static func slabByteCount(of tensor: TensorDescriptor) -> Int {
        chunksPerSlab * chunkByteCount(of: tensor)
    }

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
        let byteCount = Self.slabByteCount(of: tensor)
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
