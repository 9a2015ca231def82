internal import Dispatch
internal import Synchronization

/// Which item comes next, how many may be under way, and whether the consumer has given up.
///
/// A permit is taken before an index, and there are as many permits as slots: so index `i` is handed out only after
/// item `i - slotCount` has been consumed, and its slot is free.
final class PipelineState: Sendable {
    private let count: Int
    private let next = Atomic<Int>(0)
    private let stopped = Atomic<Bool>(false)
    private let permits = DispatchSemaphore(value: 0)

    init(count: Int, slotCount: Int) {
        self.count = count
        for _ in 0..<slotCount { permits.signal() }
    }

    func takeNext() -> Int? {
        permits.wait()
        guard !stopped.load(ordering: .acquiring) else { return nil }
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < count else { return nil }
        return index
    }

    func finishedOne() {
        permits.signal()
    }

    /// Wakes every worker so that it sees the end.
    func stop(workerCount: Int) {
        stopped.store(true, ordering: .releasing)
        for _ in 0..<workerCount { permits.signal() }
    }
}
