internal import Dispatch
internal import Synchronization

/// A fixed set of threads for fork-join regions of some ten microseconds, of which generating a token has hundreds.
///
/// The caller takes part; the others spin briefly between regions and then sleep, so that an idle team costs nothing.
/// Which thread runs a part is left to chance: a part writes only what is its own, so results depend neither on the
/// number of threads nor on timing. The threads end with the team.
package final class ThreadTeam: Sendable {
    /// Threads that work on a region, the caller among them.
    package let threadCount: Int
    private let state: ThreadTeamState
    private let busy = Atomic<Bool>(false)
    private let workers = DispatchGroup()

    /// A team of `threadCount` threads, clamped to 1...256.
    package init(threadCount: Int) {
        self.threadCount = min(max(threadCount, 1), 256)
        state = ThreadTeamState(workerCount: self.threadCount - 1)
        for index in state.beds.indices {
            // A serial queue has a thread of its own for as long as its item runs.
            DispatchQueue(label: "mmpack.team.\(index + 1)").async(group: workers) { [state] in
                state.work(index: index)
            }
        }
    }

    deinit {
        state.stop()
        workers.wait()
    }

    /// Runs `body` once for every part in `0..<parts`, at most 2^31 - 1 of them, and returns when all are done.
    ///
    /// - Parameter body: takes the part and the member of the team, in `0..<threadCount`, that runs it: two parts with
    ///   the same member never overlap, so a member can have scratch space of its own. A region begun while another
    ///   one runs on this team is done by its caller alone, as member 0.
    package func run(parts: Int, _ body: @Sendable (_ part: Int, _ member: Int) -> Void) {
        guard parts > 1, threadCount > 1, !busy.exchange(true, ordering: .acquiring) else {
            for part in 0..<max(parts, 0) { body(part, 0) }
            return
        }
        defer { busy.store(false, ordering: .releasing) }
        withoutActuallyEscaping(body) { state.run(parts: parts, $0) }
    }

    /// As `run(parts:_:)` for bodies that need no scratch space.
    package func run(parts: Int, _ body: @Sendable (_ part: Int) -> Void) {
        run(parts: parts) { part, _ in body(part) }
    }
}
