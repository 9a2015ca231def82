/// Page-aligned memory that is allocated once and used again: fresh pages cost several times what filling them does.
///
/// Not synchronised: one thread at a time writes a buffer, and readers come after it.
@safe public final class PageBuffer: @unchecked Sendable {
    public let capacity: Int
    private let base: UnsafeMutableRawPointer

    /// Zero-filled by the system on first touch where it can, else uninitialised.
    public init(capacity: Int) {
        self.capacity = max(capacity, 1)
        unsafe base = UnsafeMutableRawPointer.allocate(byteCount: self.capacity, alignment: 16384)
    }

    deinit {
        unsafe base.deallocate()
    }

    /// The first `byteCount` bytes, which must have been written.
    @_lifetime(borrow self)
    public borrowing func bytes(_ byteCount: Int) -> RawSpan {
        precondition(byteCount >= 0 && byteCount <= capacity)
        // In bounds by the precondition; the allocation lives as long as self.
        let span = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(start: base, count: byteCount))
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    /// The first `byteCount` bytes, for writing.
    @_lifetime(borrow self)
    public borrowing func mutableBytes(_ byteCount: Int) -> MutableRawSpan {
        precondition(byteCount >= 0 && byteCount <= capacity)
        // In bounds by the precondition; the allocation lives as long as self.
        let span = unsafe MutableRawSpan(_unsafeBytes: UnsafeMutableRawBufferPointer(start: base, count: byteCount))
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    /// The memory as `count` floats, for writing and reading back; whatever was there before is read as floats.
    @_lifetime(borrow self)
    public borrowing func mutableFloats(_ count: Int) -> MutableSpan<Float> {
        precondition(count >= 0 && count <= capacity / MemoryLayout<Float>.stride)
        // In bounds by the precondition, aligned to a page; any bytes are a valid Float.
        let floats = unsafe UnsafeMutableBufferPointer(
            start: base.assumingMemoryBound(to: Float.self),
            count: count
        )
        let span = unsafe MutableSpan(_unsafeElements: floats)
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    /// The start of the memory, for C kernels; the caller keeps the buffer alive and stays below `capacity`.
    @unsafe public var pointer: UnsafeMutableRawPointer { unsafe base }
}
