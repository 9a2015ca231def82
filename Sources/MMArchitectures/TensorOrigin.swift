/// Where a tensor of the model lies in a checkpoint: under one name, as part of a larger tensor, or as several tensors.
struct TensorOrigin: Sendable, Hashable {
    var name: NameTemplate
    var assembly: Assembly = .whole

    enum Assembly: Sendable, Hashable {
        /// The tensor itself.
        case whole
        /// Tensor `{e}` of the name, 0 ..< count, is element e of the outermost dimension: one expert each.
        case stack(count: Expression)
        /// Rows `start` and following of a tensor with `total` rows, the last dimension but one, or the only one: fused
        /// projections.
        case rows(start: Expression, total: Expression)
        /// The matrices of this tensor and of another take turns: a convolution over two frames that is kept as two.
        case frames(beside: NameTemplate)
        /// Tensor `{e}` of the name, where e is this: layers that are counted otherwise than in the model.
        case numbered(Expression)
    }

    var expressions: [Expression] {
        switch assembly {
        case .whole, .frames: []
        case .stack(let count): [count]
        case .rows(let start, let total): [start, total]
        case .numbered(let number): [number]
        }
    }
}

extension TensorOrigin: CustomStringConvertible {
    var description: String { name.text }
}
