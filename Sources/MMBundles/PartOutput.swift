internal import MMBytes
internal import MMCodecs
internal import MMStorage

/// A part that is being written: extents in order, then the chunk table, the manifest, and last the header page.
///
/// Not synchronised: the writer's thread owns it.
final class PartOutput {
    let output: AtomicOutput
    /// Where the next bytes go, before alignment.
    private(set) var end = BundleFormat.headerByteCount
    private(set) var chunkCount = 0
    private var table = ByteWriter()

    init(_ output: AtomicOutput) {
        self.output = output
    }

    /// The next offset with this alignment.
    func start(alignment: Int) -> Int {
        (end + alignment - 1) / alignment * alignment
    }

    /// Bytes of the file if it ended after the extents and `furtherRowCount` more rows.
    func byteCount(extentsEnd: Int, furtherRowCount: Int) -> Int? {
        guard let rows = chunkCount.adding(furtherRowCount)?.multiplied(by: BundleFormat.chunkRowByteCount),
            let tableStart = extentsEnd.roundedUp(toMultipleOf: BundleFormat.chunkAlignment)
        else { return nil }
        return tableStart.adding(rows)
    }

    /// Takes in a chunk whose bytes were or will be written at its place.
    func append(_ row: ChunkRow) {
        row.write(into: &table)
        chunkCount += 1
        end = row.end
    }

    /// Writes the chunk table behind the extents.
    func finishTable() throws(FileError) -> BundlePart {
        let part = BundlePart(
            chunkTableOffset: start(alignment: BundleFormat.chunkAlignment),
            chunkCount: chunkCount,
            chunkTableDigest: SHA256Digest(of: table.bytes)
        )
        let bytes = table.bytes
        // The bytes of an array are its elements.
        try output.write(unsafe bytes.span.bytes, at: part.chunkTableOffset)
        table = ByteWriter()
        return part
    }
}

extension BundlePart {
    var chunkTableEnd: Int { chunkTableOffset + chunkCount * BundleFormat.chunkRowByteCount }

    /// Where the manifest of part 1 starts.
    var manifestOffset: Int {
        (chunkTableEnd + BundleFormat.chunkAlignment - 1) / BundleFormat.chunkAlignment * BundleFormat.chunkAlignment
    }
}
