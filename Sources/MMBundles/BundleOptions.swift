/// How a bundle is written.
public struct BundleOptions: Sendable, Hashable {
    /// `.raw` stores every tensor raw; `.compact` stores plain floats compact where that saves at least 3 %.
    public var encoding: BundleEncoding
    /// No file of the bundle becomes larger; several files are made where one would. At least `leastShardByteCount`.
    public var shardByteCount: Int
    /// Threads that read and encode.
    public var width: Int
    /// Whether a bundle of the same name may be replaced.
    public var replacing: Bool

    /// Below this there is no room for a header page and the manifest of any bundle.
    public static let leastShardByteCount = BundleFormat.headerByteCount + 512

    public init(encoding: BundleEncoding, shardByteCount: Int = 4 << 30, width: Int, replacing: Bool = false) {
        self.encoding = encoding
        self.shardByteCount = shardByteCount
        self.width = width
        self.replacing = replacing
    }
}
