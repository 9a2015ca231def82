internal import MMStorage

/// A chunk of an open bundle: what its row says, and the file that it lies in.
struct BundleChunk: Sendable {
    /// Counts all rows of all parts.
    let number: Int
    let row: ChunkRow
    /// In the table of its part.
    let index: Int
    let file: BundleFile
    /// From 1.
    let part: Int

    /// Reads the stored bytes into `destination` of their length and holds them to their XXH3.
    func read(into destination: inout MutableRawSpan) throws {
        try file.file.read(at: row.offset, into: &destination)
        try check(destination.bytes)
    }

    /// Throws `BundleError` unless `stored` are the bytes that were written.
    func check(_ stored: RawSpan) throws(BundleError) {
        guard row.matches(stored) else { throw BundleError(.damagedChunk(row: index), path: file.path) }
    }
}
