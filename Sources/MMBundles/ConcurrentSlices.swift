internal import Dispatch
internal import MMBytes
internal import Synchronization

/// Work on all cores in slices of the same size.
enum ConcurrentSlices {
    /// Runs `body` for all of `0..<count`, `sliceCount` at a time; throws one of the errors that it throws.
    static func run(count: Int, sliceCount: Int, _ body: @Sendable (Range<Int>) throws -> Void) throws {
        guard count > sliceCount else { return try body(0..<count) }
        let failure = Mutex<(any Error)?>(nil)
        DispatchQueue.concurrentPerform(iterations: count.dividedRoundingUp(by: sliceCount)) { slice in
            do {
                try body(slice * sliceCount..<min(count, (slice + 1) * sliceCount))
            } catch {
                failure.withLock { $0 = $0 ?? error }
            }
        }
        if let failure = failure.withLock({ $0 }) { throw failure }
    }
}

extension MutableRawSpan {
    /// Fills the span on all cores, `sliceByteCount` bytes at a time; `body` takes where a slice begins, and the slice.
    mutating func fillConcurrently(
        sliceByteCount: Int,
        _ body: @Sendable (_ start: Int, _ slice: inout MutableRawSpan) throws -> Void
    ) throws {
        let byteCount = byteCount
        try unsafe withUnsafeMutableBytes { buffer in
            nonisolated(unsafe) let buffer = unsafe buffer
            try ConcurrentSlices.run(count: byteCount, sliceCount: sliceByteCount) { range in
                // Each slice of the buffer, which outlives the call, is written by one call of `body`.
                var slice = unsafe MutableRawSpan(_unsafeBytes: UnsafeMutableRawBufferPointer(rebasing: buffer[range]))
                try body(range.lowerBound, &slice)
            }
        }
    }
}
