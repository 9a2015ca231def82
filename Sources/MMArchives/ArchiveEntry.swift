internal import MMBytes

/// What a header of an archive says, before it is believed.
struct ArchiveEntry {
    enum Kind {
        case file
        case folder
        case other(ArchiveError.MemberType)
    }

    /// Nil where it cannot be had as UTF-8.
    let name: ByteString?
    let kind: Kind
    /// Nil where it is not stated.
    let byteCount: Int?
    /// Where the data lie in what libarchive reads.
    let dataOffset: Int
    /// How a member of a zip archive is compressed, in libarchive's words; nil in a tar archive.
    let method: String?
    let isEncrypted: Bool
    let isSparse: Bool

    /// Whether the data lie in a zip archive as they are.
    var isStored: Bool { method == "uncompressed" }
    var isDeflated: Bool { method == "deflation" }
}
