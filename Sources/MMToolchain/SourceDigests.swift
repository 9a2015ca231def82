internal import Dispatch
internal import MMCodecs
internal import MMStorage
internal import MMTensors
internal import Synchronization

/// The SHA-256 of every source file, computed on a thread of its own while the weights are converted.
final class SourceDigests: Sendable {
    private let files: [SourceFile]
    private let group = DispatchGroup()
    private let result = Mutex<Result<[SHA256Digest], any Error>?>(nil)
    private let isCancelled = Atomic<Bool>(false)

    /// Bytes mapped at a time.
    private static let windowByteCount = 4 << 20

    init(files: [SourceFile]) {
        self.files = files
        DispatchQueue(label: "mmpack.digests").async(group: group) { [self] in
            let outcome = Result { try files.map(digest) }
            result.withLock { $0 = outcome }
        }
    }

    /// Waits for the digests, in the order of the files.
    func wait() throws -> [SHA256Digest] {
        group.wait()
        return try result.withLock { $0 }?.get() ?? []
    }

    /// Ends the thread early; `wait` then gives nothing of use.
    func cancel() {
        isCancelled.store(true, ordering: .relaxed)
        group.wait()
    }

    private func digest(_ source: SourceFile) throws -> SHA256Digest {
        var hasher = SHA256Hasher()
        var offset = 0
        while offset < source.byteCount, !isCancelled.load(ordering: .relaxed) {
            let count = min(Self.windowByteCount, source.byteCount - offset)
            let window = try MappedFile(windowOf: source.file, at: offset, byteCount: count)
            hasher.update(window.bytes)
            offset += count
        }
        return hasher.finalize()
    }
}
