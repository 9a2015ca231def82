internal import Synchronization

/// Which chunks of raw tensors have been held to their XXH3 since the bundle was opened: what is lent from a mapping needs
/// it once.
final class ChunkChecks: Sendable {
    /// A bit a chunk, of all parts.
    private let bits: Mutex<[UInt64]>

    init(chunkCount: Int) {
        bits = Mutex([UInt64](repeating: 0, count: chunkCount / 64 + 1))
    }

    /// Those of `numbers` that have not been checked; two threads may get the same ones.
    func unchecked(of numbers: Range<Int>) -> [Int] {
        bits.withLock { bits in numbers.filter { bits[$0 / 64] & 1 << UInt64($0 % 64) == 0 } }
    }

    func markChecked(_ numbers: [Int]) {
        bits.withLock { bits in for number in numbers { bits[number / 64] |= 1 << UInt64(number % 64) } }
    }
}
