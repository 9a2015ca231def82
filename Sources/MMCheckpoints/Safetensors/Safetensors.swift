internal import MMBytes
package import MMTensors

/// The safetensors format: a JSON header that says where each tensor's bytes lie, then the bytes.
///
/// The rules are those of formats/safetensors.md.
package enum Safetensors {
    /// Most bytes of header: MAX_HEADER_SIZE of the reference implementation.
    package static let headerByteLimit = 100_000_000
    /// Most tensors of a file, and of all shards that an index names.
    package static let tensorCountLimit = TensorDescriptor.countLimit
    /// Most entries of `__metadata__`.
    package static let metadataCountLimit = 100_000
    /// Bytes of the length in front of the header.
    static let prefixByteCount = 8

    static let metadataName: ByteString = "__metadata__"
    static let typeName: ByteString = "dtype"
    static let shapeName: ByteString = "shape"
    static let extentName: ByteString = "data_offsets"

    /// The element types that the format has, in the order of its dtype table.
    package static let types: [ElementType] = [
        .bool, .f4, .f6E2M3, .f6E3M2, .u8, .i8, .f8E5M2, .f8E4M3, .f8E8M0, .f8E4M3FNUZ, .f8E5M2FNUZ, .i16, .u16, .f16,
        .bf16, .i32, .u32, .f32, .c64, .f64, .i64, .u64,
    ]

    static let typesBySpelling = Dictionary(uniqueKeysWithValues: types.map { (ByteString($0.rawValue), $0) })
}
