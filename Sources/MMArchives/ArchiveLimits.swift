/// What an archive may claim before it is refused.
enum ArchiveLimits {
    /// Most members, folders among them: as many as a bundle may have parts, with its folders.
    static let memberCount = 100_000
    /// Longest name of a member.
    static let nameByteCount = 1_024
    /// Longest component of a name, as file systems have it.
    static let componentByteCount = 255
    /// An archive that is not larger than this when it is unpacked is never refused for its size.
    static let freeByteCount = 64 << 20
    /// How many times its own size an archive may unpack to: weights compress to a half at best, while deflate can
    /// reach 1032 and Zstandard tens of thousands.
    static let expansion = 200
    /// Most zeros behind the end of a tar archive; GNU tar pads to 10 KiB, others to their own record.
    static let paddingByteCount = 1 << 20

    /// Bytes that an archive of `byteCount` bytes may unpack to.
    static func unpackedByteCount(of byteCount: Int) -> Int {
        let (product, overflow) = byteCount.multipliedReportingOverflow(by: expansion)
        return max(freeByteCount, overflow ? .max : product)
    }
}
