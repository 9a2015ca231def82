/// How a bundle is written.
public struct BundleOptions: Sendable, Hashable {
    public var profile: BundleProfile
    /// No file of the bundle becomes larger; several files are made where one would. At least `leastShardByteCount`.
    public var shardByteCount: Int
    /// Threads that read and encode.
    public var width: Int
    /// Whether a bundle of the same name may be replaced.
    public var replacing: Bool

    /// Below this there is no room for a header page and the manifest of any bundle.
    public static let leastShardByteCount = BundleFormat.headerByteCount + 512

    public init(profile: BundleProfile, shardByteCount: Int = 4 << 30, width: Int, replacing: Bool = false) {
        self.profile = profile
        self.shardByteCount = shardByteCount
        self.width = width
        self.replacing = replacing
    }
}
