internal import MMBytes

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// f32 memory that is allocated once and used again, aligned for the kernels.
///
/// Not synchronised: parts of a region that run at the same time write different elements.
@safe package final class FloatBuffer: @unchecked Sendable {
    package let count: Int
    private let base: UnsafeMutablePointer<Float>

    /// Zeros; or, for memory that is always written before it is read, whatever the pages hold, so that those never
    /// used are never touched.
    ///
    /// Throws `ReferenceError.outOfMemory` where the system does not give as much.
    package init(count: Int, isZeroed: Bool = true) throws(ReferenceError) {
        self.count = count
        guard let byteCount = max(count, 1).multiplied(by: MemoryLayout<Float>.stride) else {
            throw ReferenceError(.outOfMemory(elementCount: count))
        }
        var memory: UnsafeMutableRawPointer?
        // `memory` outlives the call, which fills it when it gives 0; freed in deinit, once.
        guard unsafe posix_memalign(&memory, 64, byteCount) == 0, let memory = unsafe memory else {
            throw ReferenceError(.outOfMemory(elementCount: count))
        }
        unsafe base = memory.bindMemory(to: Float.self, capacity: max(count, 1))
        // Within the allocation made above.
        if isZeroed { unsafe base.initialize(repeating: 0, count: max(count, 1)) }
    }

    deinit {
        unsafe free(base)
    }

    /// The first element, for C kernels; the caller keeps the buffer alive and stays below `count`.
    @unsafe package var pointer: UnsafeMutablePointer<Float> { unsafe base }

    /// Elements `range`.
    @_lifetime(borrow self)
    package borrowing func values(_ range: Range<Int>) -> Span<Float> {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        // In bounds by the precondition; the allocation lives as long as self.
        let buffer = unsafe UnsafeBufferPointer(start: base + range.lowerBound, count: range.count)
        let span = unsafe Span(_unsafeElements: buffer)
        return unsafe _overrideLifetime(span, borrowing: self)
    }
}
