import Synchronization

/// How often a source was read, and how much.
final class ReadCounter: Sendable {
    private let state = Mutex((calls: 0, byteCount: 0))

    func count(_ byteCount: Int) {
        state.withLock { $0 = ($0.calls + 1, $0.byteCount + byteCount) }
    }

    var calls: Int { state.withLock { $0.calls } }
    var byteCount: Int { state.withLock { $0.byteCount } }
}
