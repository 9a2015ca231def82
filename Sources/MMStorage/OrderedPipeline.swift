internal import Dispatch

/// Makes items in parallel and takes them in order: the shape of every streaming job.
///
/// `width` threads make items `0..<count`; the calling thread consumes them strictly in order. At most
/// `width + ahead` slots exist, so memory is bounded by their scratch space whatever the count. The error thrown
/// is that of the lowest item, whatever the timing.
public enum OrderedPipeline {
    /// - Parameters:
    ///   - scratch: makes the reusable space of a slot, once a slot.
    ///   - make: fills a slot with item `index`; runs on worker threads.
    ///   - consume: takes item `index` from its slot; runs on the calling thread, in order.
    ///   - idle: does a little of something else on the calling thread while the next item is not made; false when there
    ///     is nothing to do.
    public static func run<Slot: Sendable>(
        count: Int,
        width: Int,
        ahead: Int = 2,
        scratch: () throws -> Slot,
        make: @escaping @Sendable (_ index: Int, _ slot: Slot) throws -> Void,
        consume: (_ index: Int, _ slot: Slot) throws -> Void,
        idle: () throws -> Bool = { false }
    ) throws {
        guard count > 0 else { return }
        let workerCount = min(max(1, width), count)
        let slots = try (0..<min(count, workerCount + max(0, ahead))).map { _ in PipelineSlot(try scratch()) }
        let state = PipelineState(count: count, slotCount: slots.count)
        let group = DispatchGroup()
        let queue = DispatchQueue(label: "mmpack.pipeline", attributes: .concurrent)
        for _ in 0..<workerCount {
            queue.async(group: group) { work(slots: slots, state: state, make: make) }
        }
        defer {
            state.stop(workerCount: workerCount)
            group.wait()
        }
        for index in 0..<count {
            let slot = slots[index % slots.count]
            while slot.filled.wait(timeout: .now()) == .timedOut {
                if try !idle() {
                    slot.filled.wait()
                    break
                }
            }
            if let failure = slot.failure { throw failure }
            try consume(index, slot.value)
            state.finishedOne()
        }
    }

    private static func work<Slot: Sendable>(
        slots: [PipelineSlot<Slot>],
        state: PipelineState,
        make: @Sendable (Int, Slot) throws -> Void
    ) {
        while let index = state.takeNext() {
            let slot = slots[index % slots.count]
            do { try make(index, slot.value) } catch { slot.failure = error }
            slot.filled.signal()
        }
    }
}
