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

    /// 256 KiB at a time: what is read is still in the second-level cache when it is hashed.
    private static let sliceByteCount = 256 << 10

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
        let buffer = PageBuffer(capacity: Self.sliceByteCount)
        var offset = 0
        while offset < source.byteCount, !isCancelled.load(ordering: .relaxed) {
            let count = min(Self.sliceByteCount, source.byteCount - offset)
            var bytes = buffer.mutableBytes(count)
            try source.file.read(at: offset, into: &bytes)
            hasher.update(bytes.bytes)
            offset += count
        }
        return hasher.finalize()
    }
}
