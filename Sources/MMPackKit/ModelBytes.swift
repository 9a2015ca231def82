internal import MMTensors

/// The bytes of a tensor in memory: of a mapped file, or of their own. Little endian.
@safe public final class ModelBytes: Sendable {
    private let tensor: TensorBytes

    init(_ tensor: TensorBytes) {
        self.tensor = tensor
    }

    public var byteCount: Int { tensor.byteCount }

    /// Whether they lie in the file's mapping, rather than in memory that was made for them.
    public var isMapped: Bool { tensor.isMapped }

    public var bytes: RawSpan {
        @_lifetime(borrow self) borrowing get {
            // `tensor` keeps so many bytes there, and lives as long as self.
            let buffer = unsafe UnsafeRawBufferPointer(start: tensor.pointer, count: tensor.byteCount)
            let span = unsafe RawSpan(_unsafeBytes: buffer)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// The first byte; valid while self is, for `byteCount` bytes. Of a whole raw tensor in a mapping it lies on a page, for
    /// a GPU to use where it is, unless the tensor is smaller than 16 KiB.
    @unsafe public var pointer: UnsafeRawPointer { unsafe tensor.pointer }
}
