internal import MMBytes
internal import MMCodecs
internal import MMTensors

/// Checks that the chunk tables hold exactly what the manifest says, where the format puts it.
///
/// The places follow from the manifest and the stored lengths alone, so that there is one right offset for each chunk.
struct BundleLayout {
    let manifest: BundleManifest

    /// Throws `BundleError` at the first row or member that breaks a rule.
    func check(_ tables: ChunkTables) throws {
        var next = TensorPlace()
        for number in 1...manifest.parts.count {
            var place = Place(table: try tables.table(ofPart: number))
            // Part 1 of a set holds no tensors.
            if number > 1 || manifest.parts.count == 1 { try checkTensors(ofPart: number, from: &next, &place) }
            if number == 1 {
                for asset in manifest.assets { try check(asset, place: &place) }
            }
            try checkEnd(of: place, part: number)
        }
        guard next.tensor == manifest.tensors.count else { throw wrongRange(manifest.tensors[next.tensor]) }
    }

    /// The tensor that comes next, and its chunk that does: one that has gone before is in an earlier part.
    private struct TensorPlace {
        var tensor = 0
        var chunk = 0
    }

    /// Goes through the tensors that begin or go on in part `number`.
    private func checkTensors(ofPart number: Int, from next: inout TensorPlace, _ place: inout Place)
        throws(BundleError)
    {
        while next.tensor < manifest.tensors.count {
            let tensor = manifest.tensors[next.tensor]
            if next.chunk == 0 {
                if tensor.part > number { return }
                guard tensor.part == number, tensor.firstChunk == place.row,
                    tensor.chunkCount == tensor.neededChunkCount
                else { throw wrongRange(tensor) }
                try checkEncoding(of: tensor)
            }
            let first = next.chunk
            while next.chunk < tensor.chunkCount {
                // The rest of a tensor that has begun lies in the parts that follow.
                if place.row == place.table.count, next.chunk > 0, number < manifest.parts.count { return }
                try check(tensor, chunk: next.chunk, isFirst: next.chunk == first, place: &place)
                next.chunk += 1
            }
            next = TensorPlace(tensor: next.tensor + 1, chunk: 0)
        }
    }

    private func checkEnd(of place: Place, part number: Int) throws(BundleError) {
        let table = place.table
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

    private func checkEncoding(of tensor: BundleTensor) throws(BundleError) {
        guard tensor.encoding == .compact else { return }
        guard ChunkForm(tensor.descriptor.type) != nil,
            tensor.descriptor.byteCount >= BundleFormat.smallTensorByteCount
        else {
            throw BundleError(
                .wrongMember("tensor.encoding", expected: "\"raw\" for this type and size"),
                subject: tensor.name
            )
        }
    }

    private func check(
        _ tensor: BundleTensor,
        chunk: Int,
        isFirst: Bool,
        place: inout Place
    ) throws(BundleError) {
        let index = place.row
        let row = try place.next(
            alignment: tensor.alignment(isFirst: isFirst),
            logicalByteCount: min(
                tensor.chunkByteCount,
                tensor.descriptor.byteCount - chunk * tensor.chunkByteCount
            )
        )
        switch tensor.encoding {
        case .raw:
            guard row.encoding == .raw else { throw BundleError(.wrongChunkEncoding(row: index), subject: tensor.name) }
            guard row.digest == .zeros else {
                throw BundleError(.malformedChunkRow(row: index), path: place.table.part, subject: tensor.name)
            }
        case .compact:
            guard ChunkForm(tensor.descriptor.type)?.allows(row.encoding) == true else {
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
