internal import MMBytes
internal import MMCodecs
internal import MMStorage
internal import MMTensors

extension Bundle {
    /// Reads, proves and decodes all assets; together they are within the format's limit.
    static func assets(of manifest: BundleManifest, file: BundleFile, table: ChunkTable) throws -> [Asset] {
        guard !manifest.assets.isEmpty else { return [] }
        let decoder = try ZstandardDecoder()
        return try manifest.assets.map { asset in
            let row = try table.row(asset.chunk)
            let stored = try file.file.bytes(at: row.offset, byteCount: row.storedByteCount)
            // The bytes of an array are its elements.
            guard unsafe XXH3.hash(stored.span.bytes) == row.xxh3 else {
                throw BundleError(.damagedChunk(row: asset.chunk), path: file.path, subject: asset.name)
            }
            let bytes = try decode(stored, asset: asset, decoder: decoder, path: file.path)
            guard SHA256Digest(of: bytes) == asset.digest else {
                throw BundleError(.wrongDigest, path: file.path, subject: asset.name)
            }
            return Asset(name: asset.name.string, bytes: bytes)
        }
    }

    private static func decode(
        _ stored: [UInt8],
        asset: BundleAsset,
        decoder: ZstandardDecoder,
        path: String
    ) throws(BundleError) -> [UInt8] {
        if asset.encoding == .raw { return stored }
        do throws(CodecError) {
            // The bytes of an array are its elements.
            return try decoder.decode(unsafe stored.span.bytes, contentByteCount: asset.byteCount)
        } catch {
            throw BundleError(.undecodableChunk(error, row: asset.chunk), path: path, subject: asset.name)
        }
    }
}
