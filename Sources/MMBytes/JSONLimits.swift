/// What a JSON document may ask for.
public struct JSONLimits: Sendable, Hashable {
    /// Longest document in bytes.
    public var byteCount: Int
    /// Deepest nesting of arrays and objects. The parser and the release of the value recurse this deep.
    public var depth: Int
    /// Most values, names of members not counted: a value takes up to 64 bytes of memory, and two bytes of text are
    /// enough to ask for one.
    public var valueCount: Int

    public init(byteCount: Int = 100_000_000, depth: Int = 64, valueCount: Int = 8_000_000) {
        self.byteCount = byteCount
        self.depth = depth
        self.valueCount = valueCount
    }
}
