/// How a bundle is written.
public struct BundleOptions: Sendable, Hashable {
    public var profile: BundleProfile
    /// No file of the bundle becomes larger; several files are made where one would. At least `leastShardByteCount`.
    public var shardByteCount: Int
    /// Threads that read and encode.
    public var width: Int
    /// Whether a bundle of the same name may be replaced.
    public var replacing: Bool

    /// Goes on where a writer of the same job was killed, from the tensors whose bytes are still what its journal says.
    public var isResuming = false
    /// What else decides the bytes: the recipe that the source quantizes by, and the program's version. A job is the same
    /// only if this is.
    public var recipe = ""

    /// Below this there is no room for a header page and the manifest of any bundle.
    public static let leastShardByteCount = BundleFormat.headerByteCount + 512

    public init(profile: BundleProfile, shardByteCount: Int = 4 << 30, width: Int, replacing: Bool = false) {
        self.profile = profile
        self.shardByteCount = shardByteCount
        self.width = width
        self.replacing = replacing
    }
}
