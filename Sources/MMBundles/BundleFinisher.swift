internal import MMBytes
internal import MMCodecs
internal import MMStorage
internal import MMTensors

/// Completes the files when the weights are written: assets, chunk tables, manifest, header pages.
struct BundleFinisher {
    let content: BundleContent
    let provenance: JSONValue
    let weights: WeightsWriter
    let assets: [EncodedAsset]
    let paths: BundlePaths
    let shardByteCount: Int

    struct Finished {
        /// The files in order of their part numbers, on the disk but for their names.
        let outputs: [AtomicOutput]
        let byteCount: Int
        let identity: SHA256Digest
    }

    func finish() throws -> Finished {
        guard provenance.members != nil else {
            throw BundleError(.wrongMember("manifest.provenance", expected: "an object"))
        }
        if weights.files.count == 1, try singleFileByteCount() ?? .max <= shardByteCount {
            let file = weights.files[0]
            return try complete([file], assetsStart: try write(assets, into: file), manifestPart: file)
        }
        let first = PartOutput(try AtomicOutput(path: paths.path))
        let assetsStart = try write(assets, into: first)
        return try complete([first] + weights.files, assetsStart: assetsStart, manifestPart: first)
    }

    /// What one file with everything would come to; an upper bound of the manifest's digits and digest stands for them.
    private func singleFileByteCount() throws -> Int? {
        let file = weights.files[0]
        var end = file.end
        for asset in assets {
            guard let start = end.roundedUp(toMultipleOf: BundleFormat.chunkAlignment)?.adding(asset.stored.count)
            else { return nil }
            end = start
        }
        guard let tableEnd = file.byteCount(extentsEnd: end, furtherRowCount: assets.count),
            let manifestStart = tableEnd.roundedUp(toMultipleOf: BundleFormat.chunkAlignment)
        else { return nil }
        let part = BundlePart(
            chunkTableOffset: end.roundedUp(toMultipleOf: BundleFormat.chunkAlignment) ?? end,
            chunkCount: file.chunkCount + assets.count,
            chunkTableDigest: SHA256Digest(of: [])
        )
        var byteCount = 0
        try BundleManifest.write(manifest([part], firstAsset: file.chunkCount)) { byteCount += $0.count }
        return manifestStart.adding(byteCount)
    }

    /// Appends the assets and returns the row of the first.
    private func write(_ assets: [EncodedAsset], into file: PartOutput) throws(FileError) -> Int {
        let first = file.chunkCount
        for asset in assets {
            let row = asset.row(at: file.start(alignment: BundleFormat.chunkAlignment))
            // The bytes of an array are its elements.
            try file.output.write(unsafe asset.stored.span.bytes, at: row.offset)
            file.append(row)
        }
        return first
    }

    private func manifest(_ parts: [BundlePart], firstAsset: Int) -> BundleManifest.Content {
        let partOffset = parts.count == 1 ? 1 : 2
        let descriptors = content.source.tensors
        return BundleManifest.Content(
            model: content.model,
            components: BundleManifest.components(of: content.components),
            tensorCount: descriptors.count,
            tensor: { index in
                let entry = weights.entries[index]
                return BundleTensor(
                    descriptor: descriptors[index],
                    role: content.roles[index],
                    component: content.components[index],
                    sourceName: content.sourceNames[index],
                    encoding: entry.encoding,
                    part: entry.file + partOffset,
                    firstChunk: entry.firstChunk,
                    chunkCount: entry.chunkCount,
                    digest: entry.digest
                )
            },
            assets: assets.enumerated().map { index, asset in
                BundleAsset(
                    name: asset.name,
                    byteCount: asset.byteCount,
                    encoding: asset.encoding,
                    chunk: firstAsset + index,
                    digest: asset.digest
                )
            },
            provenance: provenance,
            ledger: content.ledger,
            parts: parts
        )
    }

    /// Writes the manifest where it belongs; throws `BundleError` for one that no reader would take.
    private func writeManifest(
        _ parts: [BundlePart],
        firstAsset: Int,
        to file: PartOutput
    ) throws -> (byteCount: Int, identity: SHA256Digest) {
        var byteCount = 0
        var hasher = SHA256Hasher()
        try BundleManifest.write(manifest(parts, firstAsset: firstAsset)) { piece in
            // The bytes of an array are its elements.
            let bytes = unsafe piece.span.bytes
            hasher.update(bytes)
            try file.output.write(bytes, at: parts[0].manifestOffset + byteCount)
            byteCount += piece.count
        }
        return (byteCount, hasher.finalize())
    }

    private func complete(
        _ files: [PartOutput],
        assetsStart: Int,
        manifestPart: PartOutput
    ) throws -> Finished {
        guard files.count <= BundleFormat.partCountLimit else {
            throw BundleError(
                .tooLarge(what: "number of parts", found: files.count, allowed: BundleFormat.partCountLimit)
            )
        }
        let parts = try files.map { try $0.finishTable() }
        let manifest = try writeManifest(parts, firstAsset: assetsStart, to: manifestPart)
        let firstByteCount = parts[0].manifestOffset + manifest.byteCount
        guard firstByteCount <= shardByteCount else {
            throw BundleError(
                .manifestLargerThanShard(byteCount: firstByteCount, shardByteCount: shardByteCount),
                path: paths.path
            )
        }
        for file in files { try file.output.synchronize() }
        var byteCount = 0
        for (index, file) in files.enumerated() {
            let header = PartHeader(
                partNumber: index + 1,
                partCount: files.count,
                byteCount: index == 0 ? firstByteCount : parts[index].chunkTableEnd,
                chunkTableOffset: parts[index].chunkTableOffset,
                chunkCount: parts[index].chunkCount,
                manifestOffset: index == 0 ? parts[index].manifestOffset : 0,
                manifestByteCount: index == 0 ? manifest.byteCount : 0,
                identity: manifest.identity,
                chunkTableDigest: parts[index].chunkTableDigest
            )
            // A part without chunks ends where its table would start.
            try file.output.setByteCount(header.byteCount)
            try file.output.write(unsafe header.serialized().span.bytes, at: 0)
            byteCount += header.byteCount
        }
        return Finished(outputs: files.map(\.output), byteCount: byteCount, identity: manifest.identity)
    }
}
