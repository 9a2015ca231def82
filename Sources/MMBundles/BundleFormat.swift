internal import MMCodecs
internal import MMTensors

/// The numbers of formats/mmpack.md, version 1.
enum BundleFormat {
    /// Like PNG's: a byte above 127, the name, and line ends that a transfer in text mode would change.
    static let magic: [UInt8] = [0x89, 0x4D, 0x4D, 0x50, 0x0D, 0x0A, 0x1A, 0x0A]
    static let version: UInt32 = 1
    static let name = "mmpack"

    static let headerByteCount = 16_384
    /// Where the header page's digest of the bytes before it lies.
    static let headerDigestOffset = headerByteCount - SHA256Digest.byteCount
    static let chunkRowByteCount = 72

    /// Apple Silicon's page; also a multiple of the 4 KiB of other machines.
    static let rawAlignment = 16_384
    /// What direct input and output wants.
    static let compactAlignment = 4_096
    /// A cache line.
    static let chunkAlignment = 64
    /// Tensors below this are raw and packed behind one another.
    static let smallTensorByteCount = 16_384
    /// Most logical bytes of a compact tensor's chunk.
    static let chunkByteCount = ZHuffEncoder.byteCountLimit

    static let manifestByteCountLimit = 100_000_000
    static let manifestDepthLimit = 64
    static let partCountLimit = 99_999
    static let tensorCountLimit = TensorDescriptor.countLimit
    static let nameByteCountLimit = 65_535
    static let assetCountLimit = 1_024
    /// Of all assets together, decoded: they are held in memory.
    static let assetByteCountLimit = 512 << 20
}
