internal import MMBytes

/// A file in an archive.
struct ArchiveMember: Sendable, Hashable {
    enum Storage: Sendable, Hashable {
        /// As it is, from this offset of the archive on.
        case inPlace(offset: Int)
        /// Compressed; its blocks are numbered from here on.
        case streamed(firstBlock: Int)
    }

    let name: ByteString
    let byteCount: Int
    let storage: Storage
}
