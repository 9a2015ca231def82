internal import CKernels
internal import MMBytes
internal import MMTensors

/// A matrix of weights as it is stored, a row an output, and an optional bias.
struct WeightMatrix: Sendable {
    let rowCount: Int
    let columnCount: Int
    /// Elements of a row with the padding of its last block.
    let paddedColumnCount: Int
    let bias: FloatBuffer?
    private let bytes: TensorBytes
    private let rowByteCount: Int
    private let type: UInt32
    private let arithmetic: ProductArithmetic

    /// Takes the tensor, whose shape must be [rows, columns], with its bias of [rows].
    init(
        _ tensor: LoadedTensor,
        rows: Int,
        columns: Int,
        bias: FloatBuffer?,
        arithmetic: ProductArithmetic = .exact
    ) throws {
        try self.init(tensor, bytes: tensor.bytes, shape: [rows, columns], bias: bias, arithmetic: arithmetic)
    }

    /// Takes element `element` of the tensor, whose shape must be [count, rows, columns].
    init(
        _ tensor: LoadedTensor,
        element: Int,
        of count: Int,
        rows: Int,
        columns: Int,
        arithmetic: ProductArithmetic
    ) throws {
        precondition(element >= 0 && element < count)
        let size = tensor.bytes.byteCount / count
        let bytes = tensor.bytes.slice(element * size..<(element + 1) * size)
        try self.init(tensor, bytes: bytes, shape: [count, rows, columns], bias: nil, arithmetic: arithmetic)
    }

    private init(
        _ tensor: LoadedTensor,
        bytes: TensorBytes,
        shape: [Int],
        bias: FloatBuffer?,
        arithmetic: ProductArithmetic
    ) throws {
        let descriptor = tensor.descriptor
        guard descriptor.shape.dimensions == shape else {
            throw ReferenceError(.wrongShape(descriptor.name, found: descriptor.shape, needed: shape))
        }
        let (rows, columns) = (shape[shape.count - 2], shape[shape.count - 1])
        guard let type = descriptor.type.ggmlType, mmk_can_dot(type) else {
            throw ReferenceError(.undecodableType(descriptor.name, descriptor.type))
        }
        precondition(bytes.byteCount == rows * descriptor.rowByteCount)
        precondition(bias.map { $0.count == rows } ?? true)
        rowCount = rows
        columnCount = columns
        paddedColumnCount = descriptor.paddedRowElementCount
        self.bias = bias
        self.bytes = bytes
        rowByteCount = descriptor.rowByteCount
        self.type = type
        self.arithmetic = arithmetic
    }

    /// output[t][r] = sum over k of weight[r][k] input[t][k] (+ bias[r]) for the rows r in `rows`.
    ///
    /// - Parameters:
    ///   - input: `tokenCount` rows of `columnCount` elements, `inputStride` elements apart.
    ///   - output: `tokenCount` rows of `rowCount` elements, `outputStride` apart, of which `rows` are written.
    @unsafe func multiply(
        rows: Range<Int>,
        input: UnsafePointer<Float>,
        inputStride: Int,
        tokenCount: Int,
        output: UnsafeMutablePointer<Float>,
        outputStride: Int
    ) {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= rowCount)
        guard !rows.isEmpty else { return }
        // Rows are within the tensor, whose size init checked; input and output are the caller's promise.
        let product =
            switch arithmetic {
            case .exact: unsafe mmk_matmul
            case .rounded: unsafe mmk_matmul_rounded
            }
        unsafe product(
            type,
            bytes.pointer + rows.lowerBound * rowByteCount,
            rowByteCount,
            rows.count,
            columnCount,
            input,
            inputStride,
            tokenCount,
            output + rows.lowerBound,
            outputStride
        )
        guard let bias else { return }
        for token in 0..<tokenCount {
            let row = unsafe output + token * outputStride + rows.lowerBound
            // The bias has rowCount elements.
            unsafe mmk_add(row, bias.pointer + rows.lowerBound, rows.count)
        }
    }

    /// Decodes row `row` into `destination`, which has room for `paddedColumnCount` elements.
    @unsafe func decodeRow(_ row: Int, into destination: UnsafeMutablePointer<Float>) {
        precondition(row >= 0 && row < rowCount)
        // The row is within the tensor; the type was checked in init and the count is whole blocks.
        let decoded = unsafe mmk_decode(type, bytes.pointer + row * rowByteCount, destination, paddedColumnCount)
        precondition(decoded)
    }
}
