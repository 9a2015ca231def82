public import MMStorage

/// The stored bytes of one tensor in memory: a view of a mapping, a buffer of their own, or memory filled on demand.
@safe public final class TensorBytes: Sendable {
    public let byteCount: Int
    /// Whether the bytes lie in a mapping rather than in memory of their own.
    public let isMapped: Bool
    private let owner: any AnyObject & Sendable
    /// Where the bytes lie in their mapping; nil for a slice and for a buffer.
    private let offset: Int?
    private nonisolated(unsafe) let base: UnsafeRawPointer

    /// A view of `byteCount` bytes from `offset` of a mapping; the range was validated when the header was.
    public init(mapping: MappedFile, offset: Int, byteCount: Int) {
        precondition(offset >= 0 && byteCount >= 0 && byteCount <= mapping.byteCount - offset)
        self.byteCount = byteCount
        isMapped = true
        self.offset = offset
        owner = mapping
        // In bounds by the precondition; owner keeps the mapping.
        unsafe base = mapping.pointer + offset
    }

    /// Nobody needs the pages of a view any more: memory holds what is in use, not what was.
    deinit {
        if let offset, let mapping = owner as? MappedFile { mapping.letGo(offset: offset, byteCount: byteCount) }
    }

    /// The first `byteCount` bytes of a filled buffer.
    public init(buffer: PageBuffer, byteCount: Int) {
        precondition(byteCount <= buffer.capacity)
        self.byteCount = byteCount
        isMapped = false
        offset = nil
        owner = buffer
        unsafe base = UnsafeRawPointer(buffer.pointer)
    }

    /// All bytes of memory that is filled when it is touched.
    public init(lazy memory: LazyMemory) {
        byteCount = memory.byteCount
        isMapped = false
        offset = nil
        owner = memory
        unsafe base = memory.pointer
    }

    private init(_ whole: TensorBytes, _ range: Range<Int>) {
        byteCount = range.count
        isMapped = whole.isMapped
        offset = nil
        owner = whole
        // `slice` holds the range to the whole, which owner keeps.
        unsafe base = whole.base + range.lowerBound
    }

    /// Bytes `range`, which lie inside, without a copy.
    public func slice(_ range: Range<Int>) -> TensorBytes {
        precondition(range.lowerBound >= 0 && range.upperBound <= byteCount)
        return TensorBytes(self, range)
    }

    /// Reads tensor `index` whole.
    public static func reading(_ index: Int, of source: some TensorSource) throws -> TensorBytes {
        let byteCount = source.tensors[index].byteCount
        let buffer = PageBuffer(capacity: byteCount)
        var bytes = buffer.mutableBytes(byteCount)
        try source.read(index, at: 0, into: &bytes)
        return TensorBytes(buffer: buffer, byteCount: byteCount)
    }

    public var bytes: RawSpan {
        @_lifetime(borrow self) borrowing get {
            // base addresses byteCount bytes that owner keeps while self lives.
            let span = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(start: base, count: byteCount))
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// The first byte, for C kernels; valid while self is, for `byteCount` bytes.
    @unsafe public var pointer: UnsafeRawPointer { unsafe base }
}
