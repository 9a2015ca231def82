/// f32 memory that is allocated once and used again, aligned for the kernels.
///
/// Not synchronised: parts of a region that run at the same time write different elements.
@safe package final class FloatBuffer: @unchecked Sendable {
    package let count: Int
    private let base: UnsafeMutablePointer<Float>

    /// Zeros; or, for memory that is always written before it is read, whatever the pages hold, so that those never
    /// used are never touched.
    package init(count: Int, isZeroed: Bool = true) {
        self.count = count
        let byteCount = max(count, 1) * MemoryLayout<Float>.stride
        let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
        unsafe base = memory.bindMemory(to: Float.self, capacity: max(count, 1))
        // Within the allocation made above.
        if isZeroed { unsafe base.initialize(repeating: 0, count: max(count, 1)) }
    }

    deinit {
        unsafe base.deallocate()
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
