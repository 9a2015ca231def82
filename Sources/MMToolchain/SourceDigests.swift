internal import Dispatch
internal import MMArchives
internal import MMCodecs
internal import MMStorage
internal import MMTensors
internal import Synchronization

/// The SHA-256 of every source file, computed on a thread of its own while the weights are converted; and that of the
/// archive that they lie in, on another.
final class SourceDigests: Sendable {
    struct Digests: Sendable {
        /// In the order of the files.
        let files: [SHA256Digest]
        let archive: SHA256Digest?
    }

    private let files: [SourceFile]
    private let archive: Archive?
    private let group = DispatchGroup()
    private let result = Mutex<Result<[SHA256Digest], any Error>?>(nil)
    private let archiveResult = Mutex<Result<SHA256Digest, any Error>?>(nil)
    private let isCancelled = Atomic<Bool>(false)

    /// 256 KiB at a time: what is read is still in the second-level cache when it is hashed.
    private static let sliceByteCount = 256 << 10

    init(files: [SourceFile], archive: Archive?) {
        self.files = files
        self.archive = archive
        DispatchQueue(label: "mmpack.digests").async(group: group) { [self] in
            let outcome = Result { try digests() }
            result.withLock { $0 = outcome }
        }
        guard let archive else { return }
        DispatchQueue(label: "mmpack.digests.archive").async(group: group) { [self] in
            let outcome = Result { try digest(archive.file) }
            archiveResult.withLock { $0 = outcome }
        }
    }

    /// Waits for the digests.
    func wait() throws -> Digests {
        group.wait()
        return Digests(
            files: try result.withLock { $0 }?.get() ?? [],
            archive: try archiveResult.withLock { $0 }?.get()
        )
    }

    /// Compressed members of the archive are decompressed again, so that reading them here takes nothing from the memory
    /// that those have who convert.
    private func digests() throws -> [SHA256Digest] {
        let isStreamed = files.contains { !$0.file.isMappable }
        let streamed = try isStreamed ? archive?.streamedDigests { isCancelled.load(ordering: .relaxed) } : nil
        return try files.map { try streamed?[$0.file.path] ?? digest($0.file) }
    }

    /// Ends the thread early; `wait` then gives nothing of use.
    func cancel() {
        isCancelled.store(true, ordering: .relaxed)
        group.wait()
    }

    private func digest(_ file: InputFile) throws -> SHA256Digest {
        var hasher = SHA256Hasher()
        let buffer = PageBuffer(capacity: Self.sliceByteCount)
        var offset = 0
        while offset < file.byteCount, !isCancelled.load(ordering: .relaxed) {
            let count = min(Self.sliceByteCount, file.byteCount - offset)
            var bytes = buffer.mutableBytes(count)
            try file.read(at: offset, into: &bytes)
            hasher.update(bytes.bytes)
            offset += count
        }
        return hasher.finalize()
    }
}
