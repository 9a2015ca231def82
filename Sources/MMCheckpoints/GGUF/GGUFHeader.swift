internal import MMBytes
internal import MMStorage
internal import MMTensors

/// Everything of a file before its data, as claimed: fields are checked one by one, extents are not.
struct GGUFHeader {
    let metadata: GGUFMetadata
    /// Version, count and pairs as the file has them, in the form of the asset `Asset.ggufMetadataName`.
    let metadataSection: [UInt8]
    let infos: [GGUFTensorInfo]
    let byteCount: Int

    /// How much of the file is read at first; most headers are shorter.
    private static let firstByteCount = 2_097_152

    /// Reads the header of `file`; throws `GGUFError` or `FileError`.
    ///
    /// A header does not say how long it is: more of the file is read until it fits, at least twice as much each time.
    init(_ file: InputFile) throws {
        let limit = min(file.byteCount, GGUF.headerByteLimit)
        var byteCount = min(Self.firstByteCount, limit)
        while true {
            let bytes = try file.bytes(at: 0, byteCount: byteCount)
            do {
                try self.init(bytes, fileByteCount: file.byteCount, path: file.path)
                return
            } catch let error as ParseError {
                guard case .truncated(let needed, _) = error.reason, byteCount < limit else {
                    guard byteCount == file.byteCount else {
                        throw GGUFError(.headerTooLarge(allowed: limit), path: file.path, offset: error.offset)
                    }
                    throw GGUFError(error, path: file.path)
                }
                byteCount = min(limit, max(byteCount * 2, error.offset + min(needed, limit)))
            }
        }
    }

    private init(_ bytes: [UInt8], fileByteCount: Int, path: String) throws {
        // UInt8 has no padding.
        var reader = unsafe GGUFReader(bytes.span.bytes, fileByteCount: fileByteCount, path: path)
        let magic: UInt32 = try reader.little()
        guard magic == 0x4655_4747 else { throw GGUFError(.badMagic(found: magic.byteSwapped), path: path, offset: 0) }
        let version = try reader.version()
        let tensorCount = try reader.tensorCount()
        let keyCount = try reader.keyCount()
        metadata = GGUFMetadata(version: version, entries: try reader.entries(count: keyCount))
        // magic 4, version 4, number of tensors 8, number of keys 8.
        metadataSection = Array(bytes[4..<8]) + bytes[16..<reader.offset]
        infos = try reader.tensorInfos(count: tensorCount)
        byteCount = reader.offset
    }
}
