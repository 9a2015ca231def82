#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Page-aligned memory that is allocated once and used again: fresh pages cost several times what filling them does.
///
/// Not synchronised: one thread at a time writes a buffer, and readers come after it.
@safe public final class PageBuffer: @unchecked Sendable {
    public let capacity: Int
    private let base: UnsafeMutableRawPointer
    /// Where the memory goes back to.
    private let arena: PageArena?

    /// Zero-filled by the system on first touch where it can, else uninitialised.
    public convenience init(capacity: Int) {
        self.init(Self.allocate(max(capacity, 1)), arena: nil)
    }

    /// Takes over a block, which goes back to `arena` or is freed.
    init(_ block: PageArena.Block, arena: PageArena?) {
        capacity = block.capacity
        unsafe base = block.base
        self.arena = arena
    }

    deinit {
        if let arena {
            arena.takeBack(unsafe PageArena.Block(base: base, capacity: capacity))
        } else {
            unsafe base.deallocate()
        }
    }

    private static let hugePageByteCount = 2 << 20

    /// Of twice a huge page's size and more in huge pages where the system has them: half the cost of fresh memory.
    static func allocate(_ capacity: Int) -> PageArena.Block {
        let isLarge = capacity >= 2 * hugePageByteCount
        let base = UnsafeMutableRawPointer.allocate(
            byteCount: capacity,
            alignment: isLarge ? hugePageByteCount : 16384
        )
        #if !canImport(Darwin)
        // Whole huge pages inside the allocation, which starts with one; a refusal costs speed alone.
        if isLarge {
            _ = unsafe madvise(base, capacity / hugePageByteCount * hugePageByteCount, MADV_HUGEPAGE)
        }
        #endif
        return unsafe PageArena.Block(base: base, capacity: capacity)
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
