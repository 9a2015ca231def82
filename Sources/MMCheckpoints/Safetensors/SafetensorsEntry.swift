internal import MMTensors

/// A tensor of a header and where its bytes lie, counted from the end of the header.
struct SafetensorsEntry {
    let descriptor: TensorDescriptor
    /// Not yet compared with the length of the file; `end - begin` is the tensor's size.
    let begin: UInt64
    let end: UInt64
}
