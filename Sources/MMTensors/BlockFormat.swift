/// The unit of storage of an element type: so many elements in so many bytes.
public struct BlockFormat: Sendable, Hashable {
    public let elementCount: Int
    public let byteCount: Int

    public init(elementCount: Int, byteCount: Int) {
        self.elementCount = elementCount
        self.byteCount = byteCount
    }
}
