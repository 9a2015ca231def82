/// What a JSON document may ask for.
public struct JSONLimits: Sendable, Hashable {
    /// Longest document in bytes.
    public var byteCount: Int
    /// Deepest nesting of arrays and objects. The parser and the release of the value recurse this deep.
    public var depth: Int

    public init(byteCount: Int = 100_000_000, depth: Int = 64) {
        self.byteCount = byteCount
        self.depth = depth
    }
}
