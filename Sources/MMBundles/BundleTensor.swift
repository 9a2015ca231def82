public import MMBytes
public import MMCodecs
public import MMTensors

/// What the manifest says of one tensor.
public struct BundleTensor: Sendable, Hashable {
    public let descriptor: TensorDescriptor
    /// What the tensor is to the model; decides how a recipe treats it.
    public let role: String
    /// The part of the model that it belongs to.
    public let component: String
    /// Its name in the source that the bundle was made from.
    public let sourceName: ByteString
    public let encoding: BundleEncoding
    /// The file that holds its first chunk, from 1; a tensor larger than a file goes on in those that follow.
    public let part: Int
    public let firstChunk: Int
    public let chunkCount: Int
    /// SHA-256 of the logical bytes, whatever the encoding.
    public let digest: SHA256Digest

    public var name: ByteString { descriptor.name }
}

extension BundleTensor {
    /// Logical bytes of the tensor's chunks but the last: whole blocks, at most 256 KiB.
    var chunkByteCount: Int {
        let block = descriptor.type.block.byteCount
        return BundleFormat.chunkByteCount / block * block
    }

    /// Rows that the tensor's length comes to.
    var neededChunkCount: Int { descriptor.byteCount.dividedRoundingUp(by: chunkByteCount) }

    /// What a chunk is aligned to; `isFirst` of the tensor in its part.
    func alignment(isFirst: Bool) -> Int {
        Self.alignment(encoding: encoding, byteCount: descriptor.byteCount, isFirst: isFirst)
    }

    /// The same for a tensor of `byteCount` bytes.
    static func alignment(encoding: BundleEncoding, byteCount: Int, isFirst: Bool) -> Int {
        switch encoding {
        case .compact: isFirst ? BundleFormat.compactAlignment : BundleFormat.chunkAlignment
        // A raw tensor's bytes follow one another, so that they can be used where they lie.
        case .raw where !isFirst: 1
        case .raw:
            byteCount < BundleFormat.smallTensorByteCount ? BundleFormat.chunkAlignment : BundleFormat.rawAlignment
        }
    }
}
