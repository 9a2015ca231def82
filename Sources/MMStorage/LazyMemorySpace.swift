internal import Synchronization

/// Makes lazy memory with one set of threads, which starts with the first.
public final class LazyMemorySpace: Sendable {
    private enum State {
        case unknown
        case refused
        case serving(LazyFiller)
    }

    private let state = Mutex(State.unknown)

    public init() {}

    /// Memory of `byteCount` bytes that are made from the file at `path`; nil where the system has no such thing.
    public func memory(byteCount: Int, path: String, fill: @escaping LazyMemory.Fill) -> LazyMemory? {
        let filler = state.withLock { state -> LazyFiller? in
            if case .unknown = state { state = LazyFiller().map { .serving($0) } ?? .refused }
            guard case .serving(let filler) = state else { return nil }
            return filler
        }
        return filler.flatMap { LazyMemory(byteCount: byteCount, path: path, filler: $0, fill: fill) }
    }
}
