internal import MMBytes
internal import Synchronization

/// How far a verification has come, over all its threads.
final class IntegrityCount: Sendable {
    private let total: Int
    private let report: @Sendable (BundleProgress) -> Void
    private let done = Mutex<(logical: Int, stored: Int)>((0, 0))

    init(total: Int, report: @escaping @Sendable (BundleProgress) -> Void) {
        self.total = total
        self.report = report
    }

    var logicalByteCount: Int { done.withLock { $0.logical } }

    func add(logical: Int, stored: Int, tensor: ByteString) {
        done.withLock { done in
            done.logical += logical
            done.stored += stored
            report(
                BundleProgress(
                    logicalByteCount: done.logical,
                    totalLogicalByteCount: total,
                    storedByteCount: done.stored,
                    tensorName: tensor
                )
            )
        }
    }
}
