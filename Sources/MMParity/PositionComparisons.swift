internal import Synchronization

/// Comparisons that several threads make, in the order of the positions.
final class PositionComparisons: Sendable {
    private let slots: Mutex<[PositionComparison?]>

    init(count: Int) {
        slots = Mutex(Array(repeating: nil, count: count))
    }

    func set(_ index: Int, _ comparison: PositionComparison) {
        slots.withLock { $0[index] = comparison }
    }

    var values: [PositionComparison] { slots.withLock { $0.compactMap { $0 } } }
}
