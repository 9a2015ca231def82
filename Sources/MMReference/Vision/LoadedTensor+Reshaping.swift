internal import MMTensors

extension LoadedTensor {
    /// The same bytes in another shape of as many elements, such as a convolution's as a matrix.
    ///
    /// Throws `ReferenceError` where the counts differ, or where a row is made of blocks that the shape would cut.
    func reshaped(_ dimensions: [Int]) throws -> LoadedTensor {
        guard descriptor.shape.dimensions != dimensions else { return self }
        guard descriptor.type.block.elementCount == 1, let shape = Shape(dimensions),
            shape.elementCount == descriptor.shape.elementCount,
            let reshaped = TensorDescriptor(name: descriptor.name, type: descriptor.type, shape: shape)
        else { throw ReferenceError(.wrongShape(descriptor.name, found: descriptor.shape, needed: dimensions)) }
        return LoadedTensor(descriptor: reshaped, bytes: bytes)
    }
}

extension WeightLoader {
    /// The matrix `name`.weight of any shape with `rows` x `columns` elements.
    func flattened(_ name: String, rows: Int, columns: Int, hasBias: Bool) throws -> WeightMatrix {
        let bias = hasBias ? try vector("\(name).bias", count: rows) : nil
        let tensor = try tensor("\(name).weight").reshaped([rows, columns])
        return try WeightMatrix(tensor, rows: rows, columns: columns, bias: bias)
    }

    /// The elements of the matrix `name`.weight as f32, [rows, columns].
    func table(_ name: String, rows: Int, columns: Int) throws -> FloatBuffer {
        let matrix = try flattened(name, rows: rows, columns: columns, hasBias: false)
        let table = try FloatBuffer(count: rows * columns)
        let row = try FloatBuffer(count: matrix.paddedColumnCount)
        for index in 0..<rows {
            // The row has room for its padding, and the table for `rows` rows of `columns`.
            unsafe matrix.decodeRow(index, into: row.pointer)
            unsafe (table.pointer + index * columns).update(from: row.pointer, count: columns)
        }
        return table
    }

    /// The elements of `name`.weight of any shape with `count` elements.
    func flatVector(_ name: String, count: Int) throws -> FloatBuffer {
        try tensor("\(name).weight").reshaped([count]).vector(count: count)
    }
}
