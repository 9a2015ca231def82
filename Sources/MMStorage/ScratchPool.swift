internal import Synchronization

/// Buffers that are lent and come back, so that slab after slab uses the same pages.
///
/// Holds at most as many buffers as were ever lent at once.
public final class ScratchPool: Sendable {
    private let buffers = Mutex<[PageBuffer]>([])

    public init() {}

    /// Lends a buffer of at least `capacity` bytes for the call; what it holds is undefined.
    public func withBuffer<Result>(capacity: Int, _ body: (PageBuffer) throws -> Result) rethrows -> Result {
        let lent = buffers.withLock { buffers in
            buffers.lastIndex { $0.capacity >= capacity }.map { buffers.remove(at: $0) }
        }
        let buffer = lent ?? PageBuffer(capacity: capacity)
        defer { buffers.withLock { $0.append(buffer) } }
        return try body(buffer)
    }
}
