internal import Dispatch
internal import Synchronization

/// Where one thread sleeps until another wakes it.
///
/// Sleeper: says that it sleeps, looks at the condition once more, waits. Waker: makes the condition true, then asks
/// whether anyone sleeps. All of it sequentially consistent, so one of the two sees the other.
final class ThreadTeamBed: Sendable {
    private let asleep = Atomic<Bool>(false)
    private let semaphore = DispatchSemaphore(value: 0)

    func sleep(unless condition: () -> Bool) {
        asleep.store(true, ordering: .sequentiallyConsistent)
        // Whoever takes the flag back decides: the sleeper stays awake, or a waker owes exactly one signal.
        if condition(), asleep.exchange(false, ordering: .sequentiallyConsistent) { return }
        semaphore.wait()
    }

    func wake() {
        if asleep.load(ordering: .sequentiallyConsistent), asleep.exchange(false, ordering: .sequentiallyConsistent) {
            semaphore.signal()
        }
    }
}
