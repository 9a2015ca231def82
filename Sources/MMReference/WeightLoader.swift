internal import MMBytes
internal import MMTensors

/// Finds the weights of a decoder in a source by their bundle names.
struct WeightLoader {
    private let source: any TensorSource
    private let indices: [ByteString: Int]
    private let arithmetic: ProductArithmetic

    init(_ source: any TensorSource, arithmetic: ProductArithmetic = .exact) {
        self.source = source
        self.arithmetic = arithmetic
        indices = Dictionary(
            source.tensors.enumerated().map { ($0.element.name, $0.offset) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    func tensor(_ name: String) throws -> LoadedTensor {
        guard let index = indices[ByteString(name)] else { throw ReferenceError(.missingTensor(ByteString(name))) }
        return LoadedTensor(descriptor: source.tensors[index], bytes: try source.load(index))
    }

    /// The vector `name` of `count` elements.
    func vector(_ name: String, count: Int) throws -> FloatBuffer {
        try tensor(name).vector(count: count)
    }

    /// The matrices of the tensor `name`.weight of shape [count, rows, columns].
    func matrices(_ name: String, count: Int, rows: Int, columns: Int) throws -> [WeightMatrix] {
        let tensor = try tensor("\(name).weight")
        return try (0..<count).map { index in
            try WeightMatrix(tensor, element: index, of: count, rows: rows, columns: columns, arithmetic: arithmetic)
        }
    }

    /// The matrix `name`.weight of shape [rows, columns], with `name`.bias where there is one to be.
    func matrix(_ name: String, rows: Int, columns: Int, hasBias: Bool = false) throws -> WeightMatrix {
        let bias = hasBias ? try vector("\(name).bias", count: rows) : nil
        return try WeightMatrix(
            tensor("\(name).weight"),
            rows: rows,
            columns: columns,
            bias: bias,
            arithmetic: arithmetic
        )
    }
}
