internal import Dispatch
internal import MMTensors
internal import Synchronization

/// The assets, compressed on a thread of their own while the weights are written.
final class EncodedAssets: Sendable {
    private let group = DispatchGroup()
    private let result = Mutex<Result<[EncodedAsset], any Error>>(.success([]))

    init(_ assets: [Asset]) {
        DispatchQueue(label: "mmpack.bundle.assets").async(group: group) { [self] in
            let outcome = Result { try assets.map { try EncodedAsset($0) } }
            result.withLock { $0 = outcome }
        }
    }

    /// Waits for the assets, in their order. Throws what compressing one threw.
    func wait() throws -> [EncodedAsset] {
        group.wait()
        return try result.withLock { $0 }.get()
    }

    /// Waits for the thread to end.
    func finish() {
        group.wait()
    }
}
