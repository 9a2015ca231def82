internal import Dispatch
internal import Synchronization

/// The bytes of a file from the first to the last, read by another thread some slices ahead of whoever takes them.
///
/// Whoever takes a slice that nobody has begun to read reads it, so that a busy processor is not waited for. Not
/// synchronised: one thread at a time takes slices.
public final class ReadAhead: @unchecked Sendable {
    /// A slice is read by whoever claims it; `filled` orders the access to `bytes` and `failure`.
    private final class Slice: @unchecked Sendable {
        let offset: Int
        let byteCount: Int
        let bytes: PageBuffer
        var failure: (any Error)?
        private let isClaimed = Atomic<Bool>(false)
        private let filled = DispatchSemaphore(value: 0)

        init(_ bytes: PageBuffer, offset: Int, byteCount: Int) {
            self.bytes = bytes
            self.offset = offset
            self.byteCount = byteCount
        }

        /// Reads the slice unless another thread does or did.
        func fill(from file: InputFile) {
            guard !isClaimed.exchange(true, ordering: .relaxed) else { return }
            let buffer = bytes
            var destination = buffer.mutableBytes(byteCount)
            do { try file.read(at: offset, into: &destination) } catch { failure = error }
            filled.signal()
        }

        func wait() throws {
            filled.wait()
            if let failure { throw failure }
        }
    }

    private let file: InputFile
    private let sliceByteCount: Int
    private let queue = DispatchQueue(label: "mmpack.readahead")
    /// Asked for and not yet taken, in order.
    private var slices: [Slice] = []
    /// The one that was taken last.
    private var taken: Slice?
    /// Memory of slices taken before.
    private var free: [PageBuffer] = []
    private let sliceCount: Int
    private var requestedByteCount = 0

    /// Memory: `sliceCount` slices of `sliceByteCount` bytes.
    public init(_ file: InputFile, sliceByteCount: Int, sliceCount: Int) {
        precondition(sliceByteCount > 0 && sliceCount > 0)
        self.file = file
        self.sliceByteCount = sliceByteCount
        self.sliceCount = sliceCount
        for _ in 0..<sliceCount where requestedByteCount < file.byteCount {
            request(into: PageBuffer(capacity: sliceByteCount))
        }
    }

    /// The next slice and its length, which stays until the call after; nil behind the last.
    ///
    /// Throws the `FileError` of reading it.
    public func next() throws -> (bytes: PageBuffer, byteCount: Int)? {
        if let taken { free.append(taken.bytes) }
        taken = nil
        // Several at a time: to wake the other thread takes as long as to read one.
        if free.count * 2 >= sliceCount {
            while requestedByteCount < file.byteCount, let buffer = free.popLast() { request(into: buffer) }
        }
        guard !slices.isEmpty else { return nil }
        let slice = slices.removeFirst()
        slice.fill(from: file)
        try slice.wait()
        taken = slice
        return (slice.bytes, slice.byteCount)
    }

    private func request(into buffer: PageBuffer) {
        let byteCount = min(sliceByteCount, file.byteCount - requestedByteCount)
        let slice = Slice(buffer, offset: requestedByteCount, byteCount: byteCount)
        requestedByteCount += byteCount
        slices.append(slice)
        queue.async { [file] in slice.fill(from: file) }
    }
}
