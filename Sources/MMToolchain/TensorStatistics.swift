internal import MMBytes
internal import MMStorage
internal import MMTensors

/// What the decoded elements of one tensor look like.
package struct TensorStatistics: Sendable, Hashable {
    package let minimum: Float
    package let maximum: Float
    package let mean: Double
    /// Square root of the mean square.
    package let rootMeanSquare: Double
    package let nonFiniteCount: Int
    /// The first elements of the first row.
    package let first: [Float]

    /// Nil for a type that cannot be decoded and for an empty tensor. Padding elements are not counted.
    init?(_ index: Int, of source: any TensorSource) throws {
        let tensor = source.tensors[index]
        guard tensor.type.isDecodable, tensor.shape.elementCount > 0 else { return nil }
        let block = tensor.type.block
        let blocksAtATime = max(1, 65536 / block.elementCount)
        let bytesBuffer = PageBuffer(capacity: blocksAtATime * block.byteCount)
        let floatsBuffer = PageBuffer(capacity: blocksAtATime * block.elementCount * MemoryLayout<Float>.stride)
        var (low, high) = (Float.infinity, -Float.infinity)
        var (sum, squareSum) = (0.0, 0.0)
        var (nonFinite, finite) = (0, 0)
        var head: [Float] = []
        let blockCount = tensor.byteCount / block.byteCount
        for firstBlock in stride(from: 0, to: blockCount, by: blocksAtATime) {
            let count = min(blocksAtATime, blockCount - firstBlock)
            var bytes = bytesBuffer.mutableBytes(count * block.byteCount)
            try source.read(index, at: firstBlock * block.byteCount, into: &bytes)
            var floats = floatsBuffer.mutableFloats(count * block.elementCount)
            tensor.type.decode(bytes.bytes, into: &floats)
            for element in 0..<floats.count {
                let position = firstBlock * block.elementCount + element
                guard position % tensor.paddedRowElementCount < tensor.rowElementCount else { continue }
                let value = floats[element]
                if head.count < 8 { head.append(value) }
                guard value.isFinite else {
                    nonFinite += 1
                    continue
                }
                finite += 1
                low = min(low, value)
                high = max(high, value)
                sum += Double(value)
                squareSum += Double(value) * Double(value)
            }
        }
        minimum = finite > 0 ? low : .nan
        maximum = finite > 0 ? high : .nan
        mean = finite > 0 ? sum / Double(finite) : .nan
        rootMeanSquare = finite > 0 ? (squareSum / Double(finite)).squareRoot() : .nan
        nonFiniteCount = nonFinite
        first = head
    }
}
