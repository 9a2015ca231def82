internal import MMBytes
internal import MMTensors

/// Checks that the chunk tables hold exactly what the manifest says, where the format puts it.
///
/// The places follow from the manifest and the stored lengths alone, so that there is one right offset for each chunk.
struct BundleLayout {
    let manifest: BundleManifest

    /// Where the first tensor of each part is in the list: `parts + 1` entries. Throws unless parts ascend.
    func firstTensors() throws(BundleError) -> [Int] {
        var firsts = [0]
        let partCount = manifest.parts.count
        for (index, tensor) in manifest.tensors.enumerated() {
            let lowest = partCount == 1 ? 1 : 2
            guard tensor.part >= max(lowest, firsts.count), tensor.part <= partCount else {
                throw wrongRange(tensor)
            }
            while firsts.count < tensor.part { firsts.append(index) }
        }
        while firsts.count <= partCount { firsts.append(manifest.tensors.count) }
        return firsts
    }

    /// Checks the table of part `number`, which holds the tensors of `range`.
    func check(_ table: ChunkTable, part number: Int, tensors range: Range<Int>) throws(BundleError) {
        var place = Place(table: table)
        for index in range {
            let tensor = manifest.tensors[index]
            guard tensor.firstChunk == place.row, tensor.chunkCount == chunkCount(of: tensor) else {
                throw wrongRange(tensor)
            }
            for chunk in 0..<tensor.chunkCount { try check(tensor, chunk: chunk, place: &place) }
        }
        if number == 1 {
            for asset in manifest.assets { try check(asset, place: &place) }
        }
        guard table.count == place.row else {
            throw BundleError(.wrongChunkCount(found: table.count, expected: place.row), path: table.part)
        }
        let tableOffset = manifest.parts[number - 1].chunkTableOffset
        let expected = place.end.roundedUp(toMultipleOf: BundleFormat.chunkAlignment)
        guard tableOffset == expected else {
            throw BundleError(
                .wrongHeaderField(
                    "offset of the chunk table",
                    found: UInt64(tableOffset),
                    expected: UInt64(expected ?? 0)
                ),
                path: table.part
            )
        }
    }

    private func chunkCount(of tensor: BundleTensor) -> Int {
        let byteCount = tensor.descriptor.byteCount
        if byteCount == 0 { return 0 }
        return tensor.encoding == .raw ? 1 : byteCount.dividedRoundingUp(by: tensor.chunkByteCount)
    }

    private func check(_ tensor: BundleTensor, chunk: Int, place: inout Place) throws(BundleError) {
        let byteCount = tensor.descriptor.byteCount
        let index = place.row
        switch tensor.encoding {
        case .raw:
            let row = try place.next(alignment: tensor.alignment(ofChunk: 0), logicalByteCount: byteCount)
            guard row.encoding == .raw else { throw BundleError(.wrongChunkEncoding(row: index), subject: tensor.name) }
            guard row.digest == tensor.digest else { throw BundleError(.wrongDigest, subject: tensor.name) }
        case .compact:
            guard let form = ChunkForm(tensor.descriptor.type), byteCount >= BundleFormat.smallTensorByteCount else {
                throw BundleError(
                    .wrongMember("tensor.encoding", expected: "\"raw\" for this type and size"),
                    subject: tensor.name
                )
            }
            let logicalByteCount = min(tensor.chunkByteCount, byteCount - chunk * tensor.chunkByteCount)
            let row = try place.next(
                alignment: tensor.alignment(ofChunk: chunk),
                logicalByteCount: logicalByteCount
            )
            guard form.allows(row.encoding) else {
                throw BundleError(.wrongChunkEncoding(row: index), subject: tensor.name)
            }
        }
    }

    private func check(_ asset: BundleAsset, place: inout Place) throws(BundleError) {
        let index = place.row
        guard asset.chunk == index else {
            throw BundleError(
                .wrongChunkRange(part: 1, firstChunk: asset.chunk, chunkCount: 1),
                subject: asset.name
            )
        }
        let row = try place.next(alignment: BundleFormat.chunkAlignment, logicalByteCount: asset.byteCount)
        guard row.encoding == asset.encoding else {
            throw BundleError(.wrongChunkEncoding(row: index), subject: asset.name)
        }
        guard row.encoding != .raw || row.digest == asset.digest else {
            throw BundleError(.wrongDigest, subject: asset.name)
        }
    }

    private func wrongRange(_ tensor: BundleTensor) -> BundleError {
        BundleError(
            .wrongChunkRange(part: tensor.part, firstChunk: tensor.firstChunk, chunkCount: tensor.chunkCount),
            subject: tensor.name
        )
    }

    /// The next row of a table, and where its bytes must start.
    private struct Place {
        let table: ChunkTable
        var row = 0
        var end = BundleFormat.headerByteCount

        init(table: ChunkTable) {
            self.table = table
        }

        mutating func next(alignment: Int, logicalByteCount: Int) throws(BundleError) -> ChunkRow {
            guard row < table.count else {
                throw BundleError(.wrongChunkCount(found: table.count, expected: row + 1), path: table.part)
            }
            let found = try table.row(row)
            guard let start = end.roundedUp(toMultipleOf: alignment), found.offset == start else {
                throw BundleError(
                    .misplacedChunk(
                        row: row,
                        found: found.offset,
                        expected: end.roundedUp(toMultipleOf: alignment) ?? .max
                    ),
                    path: table.part
                )
            }
            let isStoredFitting =
                found.encoding == .raw
                ? found.storedByteCount == logicalByteCount
                : found.storedByteCount > 0 && found.storedByteCount < logicalByteCount
            guard found.logicalByteCount == logicalByteCount, isStoredFitting else {
                throw BundleError(
                    .wrongChunkByteCount(row: row, found: found.storedByteCount, expected: logicalByteCount),
                    path: table.part
                )
            }
            guard let foundEnd = start.adding(found.storedByteCount) else {
                throw BundleError(.malformedChunkRow(row: row), path: table.part)
            }
            end = foundEnd
            row += 1
            return found
        }
    }
}
