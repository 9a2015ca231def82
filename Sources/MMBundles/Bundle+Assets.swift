internal import MMBytes
internal import MMCodecs
internal import MMStorage
public import MMTensors
internal import Synchronization

extension Bundle {
    /// All assets, decoded once. Throws `BundleError` for one that is damaged.
    public var assets: [Asset] {
        get throws {
            try decodedAssets.withLock { decoded in
                if let decoded { return decoded }
                let assets = try manifest.assets.map { try asset($0) }
                decoded = assets
                return assets
            }
        }
    }

    /// Reads, proves and decodes one asset; together they are within the format's limit.
    public func asset(_ asset: BundleAsset) throws -> Asset {
        var cursor = ChunkTables.Cursor()
        let chunk = try tables.chunk(asset.chunk, &cursor)
        let stored = try chunk.file.file.bytes(at: chunk.row.offset, byteCount: chunk.row.storedByteCount)
        // The bytes of an array are its elements.
        try chunk.check(unsafe stored.span.bytes)
        let bytes = try decode(stored, of: asset, path: chunk.file.path)
        guard SHA256Digest(of: bytes) == asset.digest else {
            throw BundleError(.wrongDigest, path: chunk.file.path, subject: asset.name)
        }
        return Asset(name: asset.name.string, bytes: bytes)
    }

    private func decode(_ stored: [UInt8], of asset: BundleAsset, path: String) throws(BundleError) -> [UInt8] {
        if asset.encoding == .raw { return stored }
        do throws(CodecError) {
            // The bytes of an array are its elements.
            return try ZstandardDecoder().decode(unsafe stored.span.bytes, contentByteCount: asset.byteCount)
        } catch {
            throw BundleError(.undecodableChunk(error, row: asset.chunk), path: path, subject: asset.name)
        }
    }
}
