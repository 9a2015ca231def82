internal import MMTensors

/// A tensor of a header and where its bytes lie, counted from the end of the header.
struct SafetensorsEntry {
    let descriptor: TensorDescriptor
    let begin: Int
    let end: Int
}
