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
    /// The file that holds it, from 1.
    public let part: Int
    public let firstChunk: Int
    public let chunkCount: Int
    /// SHA-256 of the logical bytes, whatever the encoding.
    public let digest: SHA256Digest

    public var name: ByteString { descriptor.name }
}

extension BundleTensor {
    /// Logical bytes of a compact tensor's chunks but the last: whole blocks, at most 256 KiB.
    var chunkByteCount: Int {
        let block = descriptor.type.block.byteCount
        return BundleFormat.chunkByteCount / block * block
    }

    /// What the extent that chunk `number` of the tensor starts is aligned to.
    func alignment(ofChunk number: Int) -> Int {
        if number > 0 { return BundleFormat.chunkAlignment }
        return Self.alignment(encoding: encoding, byteCount: descriptor.byteCount)
    }

    /// Where a tensor's first chunk starts.
    static func alignment(encoding: BundleEncoding, byteCount: Int) -> Int {
        switch encoding {
        case .compact: BundleFormat.compactAlignment
        case .raw:
            byteCount < BundleFormat.smallTensorByteCount ? BundleFormat.chunkAlignment : BundleFormat.rawAlignment
        }
    }
}
