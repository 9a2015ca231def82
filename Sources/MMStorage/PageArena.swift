internal import Synchronization

/// Memory that goes round: a buffer that is let go of is lent again, its pages already there. Fresh pages cost three to six
/// times what decoding into them does.
///
/// It never has more memory than were lent at once before, so that it does not raise the peak. Safe to use from several
/// threads at once; buffers may outlive it.
public final class PageArena: Sendable {
    @safe struct Block: @unchecked Sendable {
        /// `capacity` bytes, of which whoever holds the block may free or lend them.
        let base: UnsafeMutableRawPointer
        let capacity: Int
    }

    private struct State {
        var idle: [Block] = []
        var lentByteCount = 0
        var idleByteCount = 0
        var peakByteCount = 0
    }

    private let state = Mutex(State())

    public init() {}

    deinit {
        // Blocks that are still lent keep the arena alive: all the others are here.
        for block in state.withLock({ $0.idle }) { unsafe block.base.deallocate() }
    }

    /// Page-aligned memory of at least `capacity` bytes, which comes back when the buffer is let go of. What it holds is
    /// undefined.
    public func buffer(capacity: Int) -> PageBuffer {
        let capacity = max(capacity, 1)
        let (found, surplus) = state.withLock { state in take(capacity, from: &state) }
        for block in surplus { unsafe block.base.deallocate() }
        return PageBuffer(found ?? PageBuffer.allocate(capacity), arena: self)
    }

    /// The best fitting idle block, and those that must go lest there be more memory than ever was lent.
    private func take(_ capacity: Int, from state: inout State) -> (found: Block?, surplus: [Block]) {
        // A block of twice the size is better used by another.
        let fitting = state.idle.indices.filter {
            state.idle[$0].capacity >= capacity && state.idle[$0].capacity / 2 <= capacity
        }
        let best = fitting.min { state.idle[$0].capacity < state.idle[$1].capacity }
        let found = best.map { state.idle.remove(at: $0) }
        state.idleByteCount -= found?.capacity ?? 0
        // Sums of allocations that exist or are about to fit an address space.
        state.lentByteCount += found?.capacity ?? capacity
        state.peakByteCount = max(state.peakByteCount, state.lentByteCount)
        return (found, surplus(of: &state))
    }

    private func surplus(of state: inout State) -> [Block] {
        var surplus: [Block] = []
        while state.lentByteCount + state.idleByteCount > state.peakByteCount, !state.idle.isEmpty {
            let block = state.idle.removeFirst()
            state.idleByteCount -= block.capacity
            surplus.append(block)
        }
        return surplus
    }

    /// Called once for every block that was lent.
    func takeBack(_ block: Block) {
        let surplus = state.withLock { state in
            state.lentByteCount -= block.capacity
            state.idle.append(block)
            state.idleByteCount += block.capacity
            return self.surplus(of: &state)
        }
        for block in surplus { unsafe block.base.deallocate() }
    }
}
