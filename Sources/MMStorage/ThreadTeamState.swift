internal import Dispatch
internal import Synchronization

/// What the members of a team share.
///
/// One 64-bit word says how many parts the region has and which is next. A part is claimed by compare and exchange on
/// the whole word, and the caller does not leave before every claimed part is finished: so a claim that succeeds
/// belongs to the region that runs now, whenever the worker woke, and `body` is the one to call.
final class ThreadTeamState: Sendable {
    typealias Body = @Sendable (_ part: Int, _ member: Int) -> Void

    /// Where a worker sleeps; the caller's own is `callerBed`.
    let beds: [ThreadTeamBed]
    private let callerBed = ThreadTeamBed()
    /// Parts of the region in the upper half, the next part in the lower.
    private let ticket = Atomic<UInt64>(0)
    private let unfinished = Atomic<Int>(0)
    private let stopped = Atomic<Bool>(false)
    /// Written by the caller before `ticket` is published and after `unfinished` has come to 0; read between a claim
    /// and the end of the claimed part only.
    private nonisolated(unsafe) var body: Body?

    /// About 20 microseconds: longer than the gap between two regions of one token.
    private static let spinLimit = 20_000

    init(workerCount: Int) {
        beds = (0..<workerCount).map { _ in ThreadTeamBed() }
    }

    /// Runs a region as member 0. One caller at a time.
    func run(parts: Int, _ body: @escaping Body) {
        precondition(parts <= Int(Int32.max))
        unsafe self.body = body
        unfinished.store(parts, ordering: .relaxed)
        ticket.store(UInt64(parts) << 32, ordering: .sequentiallyConsistent)
        // The caller takes one part itself.
        for bed in beds.prefix(parts - 1) { bed.wake() }
        while let part = claim() { perform(part, member: 0) }
        wait(on: callerBed) { unfinished.load(ordering: .sequentiallyConsistent) == 0 }
        unsafe self.body = nil
    }

    /// The life of a worker.
    func work(index: Int) {
        let bed = beds[index]
        while !stopped.load(ordering: .acquiring) {
            while let part = claim() { perform(part, member: index + 1) }
            wait(on: bed) { hasPart || stopped.load(ordering: .sequentiallyConsistent) }
        }
    }

    func stop() {
        stopped.store(true, ordering: .sequentiallyConsistent)
        for bed in beds { bed.wake() }
    }

    private var hasPart: Bool {
        let word = ticket.load(ordering: .sequentiallyConsistent)
        return word & 0xFFFF_FFFF < word >> 32
    }

    private func claim() -> Int? {
        var word = ticket.load(ordering: .acquiring)
        while word & 0xFFFF_FFFF < word >> 32 {
            let (claimed, found) = ticket.compareExchange(
                expected: word,
                desired: word + 1,
                ordering: .acquiringAndReleasing
            )
            if claimed { return Int(word & 0xFFFF_FFFF) }
            word = found
        }
        return nil
    }

    private func perform(_ part: Int, member: Int) {
        call(part, member: member)
        if unfinished.wrappingSubtract(1, ordering: .sequentiallyConsistent).newValue == 0, member != 0 {
            callerBed.wake()
        }
    }

    /// Not inlined, so that the closure is released before the part counts as finished: it must not outlive `run`.
    @inline(never)
    private func call(_ part: Int, member: Int) {
        unsafe body?(part, member)
    }

    private func wait(on bed: ThreadTeamBed, until condition: () -> Bool) {
        for _ in 0..<Self.spinLimit where condition() { return }
        while !condition() { bed.sleep(unless: condition) }
    }
}
