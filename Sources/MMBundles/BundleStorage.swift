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
            let table = try tables.table(ofPart: tensor.part)
            var byteCount = 0
            for chunk in tensor.firstChunk..<tensor.firstChunk + tensor.chunkCount {
                // The chunks lie in one file, one behind the other: their lengths add up.
                byteCount += try table.row(chunk).storedByteCount
            }
            return BundleStorage(encoding: tensor.encoding, byteCount: byteCount)
        }
    }
}
