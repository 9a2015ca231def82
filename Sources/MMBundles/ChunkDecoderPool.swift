internal import MMCodecs
internal import Synchronization

/// Decoders for as many threads as read at once: reading on from where a thread stopped finds its chunk decoded.
final class ChunkDecoderPool: Sendable {
    private let idle = Mutex<[ChunkDecoder]>([])
    /// Each holds 1 MiB; more threads than this make and drop theirs.
    private static let idleLimit = 16

    /// Lends the decoder that holds chunk `number`, else any.
    func withDecoder<Result>(preferring number: Int, _ body: (ChunkDecoder) throws -> Result) throws -> Result {
        let found = idle.withLock { idle -> ChunkDecoder? in
            guard !idle.isEmpty else { return nil }
            return idle.remove(at: idle.firstIndex { $0.number == number } ?? 0)
        }
        let decoder = try found ?? ChunkDecoder()
        defer {
            idle.withLock { idle in
                if idle.count < Self.idleLimit { idle.append(decoder) }
            }
        }
        return try body(decoder)
    }
}
