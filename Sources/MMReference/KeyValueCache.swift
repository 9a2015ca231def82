internal import MMArchitectures
internal import MMBytes

/// Keys and values of all layers, f32.
///
/// Keys lie [layer, head, position, element]; values are transposed, [layer, head, element, position], so that both
/// products of attention are the one matrix product.
final class KeyValueCache: Sendable {
    let keys: FloatBuffer
    let values: FloatBuffer
    /// Elements from one position's key to the next.
    let keyStride: Int
    /// Elements from one row of the transposed values to the next.
    let valueStride: Int
    private let headCount: Int
    private let keysPerHead: Int
    private let valuesPerHead: Int

    /// For `layerCount` layers.
    init(configuration: DecoderConfiguration, layerCount: Int, capacity: Int) throws {
        let width = configuration.headWidth
        headCount = configuration.keyValueHeadCount
        keyStride = width
        // Past a multiple of the cache's ways, lest all rows of a head fall into the same lines.
        guard let stride = capacity.roundedUp(toMultipleOf: 32)?.adding(16),
            let perHead = stride.multiplied(by: width),
            let heads = layerCount.multiplied(by: headCount),
            let count = heads.multiplied(by: perHead), count <= Int.max / 8
        else { throw ReferenceError(.impossibleConfiguration(.capacity, capacity)) }
        valueStride = stride
        keysPerHead = capacity * width
        valuesPerHead = perHead
        keys = try FloatBuffer(count: heads * keysPerHead, isZeroed: false)
        values = try FloatBuffer(count: count, isZeroed: false)
    }

    /// `positionCount` rounded up to whole units, in which the products over positions are computed.
    static func wholeUnits(_ positionCount: Int) -> Int { (positionCount + unit - 1) / unit * unit }

    static let unit = 32

    func keyOffset(layer: Int, head: Int) -> Int { (layer * headCount + head) * keysPerHead }

    func valueOffset(layer: Int, head: Int) -> Int { (layer * headCount + head) * valuesPerHead }
}
