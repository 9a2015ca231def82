public import MMBytes

/// A tensor's name, type and shape with the sizes that follow from them: computed once, with checked arithmetic.
///
/// A tensor is a run of rows along its innermost dimension. A quantized row that the block does not divide is padded
/// with zero elements to the block; the shape stays logical. A row of a packed plain type (F4, F6) that does not fill
/// whole bytes makes the whole tensor one row, as safetensors packs across rows.
public struct TensorDescriptor: Sendable, Hashable {
    /// Most tensors of a checkpoint or bundle, 2^18: the largest mixtures of experts in use have about 140,000, and what
    /// is known of so many, with the text that they are read from, stays below 256 MiB.
    public static let countLimit = 1 << 18

    public let name: ByteString
    public let type: ElementType
    public let shape: Shape
    public let rowCount: Int
    /// Logical elements in a row, padding not counted.
    public let rowElementCount: Int
    /// Stored bytes of a row, padding included.
    public let rowByteCount: Int
    public let byteCount: Int

    /// Nil when the sizes do not fit, or when a packed plain type does not fill whole blocks.
    public init?(name: ByteString, type: ElementType, shape: Shape) {
        let block = type.block
        var rowElementCount = shape.columnCount
        if !type.isQuantized, rowElementCount % block.elementCount != 0 {
            guard shape.elementCount % block.elementCount == 0 else { return nil }
            rowElementCount = shape.elementCount
        }
        let blockCount = rowElementCount.dividedRoundingUp(by: block.elementCount)
        guard let rowByteCount = blockCount.multiplied(by: block.byteCount) else { return nil }
        let rowCount = rowElementCount == 0 ? 0 : shape.elementCount / rowElementCount
        guard let byteCount = rowCount.multiplied(by: rowByteCount) else { return nil }
        self.name = name
        self.type = type
        self.shape = shape
        self.rowCount = rowCount
        self.rowElementCount = rowElementCount
        self.rowByteCount = rowByteCount
        self.byteCount = byteCount
    }

    /// The same tensor under another name.
    public func renamed(_ name: ByteString) -> TensorDescriptor {
        TensorDescriptor(self, name: name)
    }

    private init(_ other: TensorDescriptor, name: ByteString) {
        self.name = name
        type = other.type
        shape = other.shape
        rowCount = other.rowCount
        rowElementCount = other.rowElementCount
        rowByteCount = other.rowByteCount
        byteCount = other.byteCount
    }

    /// Elements of a row with its padding: a multiple of the block.
    public var paddedRowElementCount: Int {
        rowElementCount.dividedRoundingUp(by: type.block.elementCount) * type.block.elementCount
    }
}
