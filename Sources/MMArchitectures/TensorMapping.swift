/// Where the bytes of a mapped tensor come from.
struct TensorMapping: Sendable, Hashable {
    let sourceIndex: Int
    /// Nil where the bytes are the source's as they are.
    let permutation: RowPermutation?
    /// Bytes of one row, the outermost dimension's unit; an element of a vector.
    let rowByteCount: Int
}
