internal import MMBytes

/// How a bundle stores one tensor.
public struct BundleStorage: Sendable, Hashable {
    public let encoding: BundleEncoding
    /// Of its chunks, without what lies between them.
    public let byteCount: Int
}

extension Bundle {
    /// How each tensor is stored. Reads the chunk tables; throws `BundleError` and `FileError`.
    public func storages() throws -> [BundleStorage] {
        try manifest.tensors.map { tensor in
            let first = tables.number(ofRow: tensor.firstChunk, inPart: tensor.part)
            var cursor = ChunkTables.Cursor()
            var byteCount = 0
            for number in first..<first + tensor.chunkCount {
                // The chunks lie in files that are there, one behind the other: their lengths add up.
                byteCount += try tables.chunk(number, &cursor).row.storedByteCount
            }
            return BundleStorage(encoding: tensor.encoding, byteCount: byteCount)
        }
    }
}
