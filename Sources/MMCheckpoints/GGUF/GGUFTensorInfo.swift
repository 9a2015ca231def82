internal import MMTensors

/// What a file says of one tensor.
struct GGUFTensorInfo {
    let descriptor: TensorDescriptor
    /// Bytes from the start of the data, as claimed.
    let offset: UInt64
    /// Where the info itself stands in the file.
    let position: Int
}
