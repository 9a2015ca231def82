/// Where the bytes of a mapped tensor come from.
enum TensorMapping: Sendable, Hashable {
    /// The tensor of the source as it is.
    case whole(sourceIndex: Int)
    case pieces(PieceList)
    /// The rows of a tensor in another order; a row is a unit of the outermost dimension, an element of a vector.
    case permuted(sourceIndex: Int, RowPermutation, rowByteCount: Int)

    /// The tensor of the source that the first byte comes from.
    var sourceIndex: Int {
        switch self {
        case .whole(let index), .permuted(let index, _, _): index
        case .pieces(let list): list.pieces.first?.sourceIndex ?? 0
        }
    }
}
