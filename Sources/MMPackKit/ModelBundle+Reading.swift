internal import MMBundles
internal import MMTensors

extension ModelBundle {
    /// A tensor in memory, or rows `rows` of it: the rows along its innermost dimension, so that of a tensor of shape
    /// [vocabulary, width] row 7 is the embedding of token 7, and of one of shape [experts, height, width] the rows from
    /// 2 * height to 3 * height are expert 2. Nothing else of the tensor is read.
    ///
    /// A raw tensor is lent from the mapped file without a copy, a compact one decoded on all cores; `ModelAccess` says
    /// otherwise.
    public func load(_ tensor: ModelTensor, rows: Range<Int>? = nil) throws -> ModelBytes {
        try ModelBundleError.translating {
            ModelBytes(try bundle.load(tensor.index, bytes: tensor.byteRange(of: rows)))
        }
    }

    /// Writes the bytes of a tensor, or of rows of it, into memory of the caller's, on all cores: memory of a GPU's, say.
    /// The memory must be as long as what is asked for.
    public func load(
        _ tensor: ModelTensor,
        rows: Range<Int>? = nil,
        into destination: UnsafeMutableRawBufferPointer
    ) throws {
        try ModelBundleError.translating {
            let range = try tensor.byteRange(of: rows)
            guard destination.count == range.count else {
                throw ModelBundleError(.misuse, "\(range.count) bytes go into memory of \(destination.count)")
            }
            // The caller's memory, as long as it says.
            var bytes = unsafe MutableRawSpan(_unsafeBytes: destination)
            try bundle.load(tensor.index, at: range.lowerBound, into: &bytes)
        }
    }

    /// Hands on the bytes of a tensor, or of rows of it, piece by piece, in order, each while it is in the cache: to stage
    /// them where a tensor need not be in memory as a whole. `body` takes each piece's offset in bytes from the tensor's
    /// start, and the piece, which is lent for the call.
    public func forEachPiece(
        of tensor: ModelTensor,
        rows: Range<Int>? = nil,
        _ body: (_ offset: Int, _ bytes: RawSpan) throws -> Void
    ) throws {
        try ModelBundleError.translating {
            try bundle.forEachChunk(of: tensor.index, in: tensor.byteRange(of: rows), body)
        }
    }
}
