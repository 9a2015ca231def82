internal import MMBytes
internal import MMTensors

/// The GGUF format, versions 2 and 3, little endian: key-value metadata, tensor infos, then the tensors' bytes.
///
/// The rules are those of formats/gguf.md.
package enum GGUF {
    /// "GGUF".
    package static let magic: [UInt8] = [0x47, 0x47, 0x55, 0x46]
    static let versions: ClosedRange<UInt32> = 2...3
    /// Most bytes of magic, metadata and tensor infos: several times those of the largest vocabularies.
    package static let headerByteLimit = 134_217_728
    /// Most tensors of a file.
    static let tensorCountLimit = UInt64(TensorDescriptor.countLimit)
    static let keyCountLimit: UInt64 = 100_000
    /// Longest key (GGUF specification, gguf_string of a key).
    static let keyByteLimit = 65_535
    /// Longest name of a tensor (GGUF specification, gguf_tensor_info_t).
    static let nameByteLimit = 64
    /// Most dimensions (GGML_MAX_DIMS).
    static let rankLimit: UInt32 = 4
    /// GENERAL_ALIGNMENT where no key gives another.
    static let defaultAlignment = 32
    /// Largest alignment: above it padding is a way to make files large.
    static let alignmentLimit: UInt32 = 1_048_576

    static let alignmentKey: ByteString = "general.alignment"
    static let splitNumberKey: ByteString = "split.no"
    static let splitCountKey: ByteString = "split.count"
    static let splitTensorCountKey: ByteString = "split.tensors.count"
}
