internal import Dispatch
internal import MMArchives
internal import MMBundles
internal import MMCodecs
internal import MMStorage
internal import MMTensors
internal import Synchronization

/// The SHA-256 of every file of a source, and of the archive that they lie in, where they do.
///
/// Compressed members are decompressed again for it, on a thread of its own, so that reading them here takes nothing
/// from the memory that those have who convert.
final class CheckpointDigests: Sendable {
    struct Digests: Sendable {
        /// In the order of the files.
        let files: [SHA256Digest]
        let archive: SHA256Digest?
    }

    /// Of what lies on the disk as it is, the archive behind its members; the writer goes on with it.
    let stored: SourceDigests
    private let files: [SourceFile]
    private let archive: Archive?
    private let group = DispatchGroup()
    private let streamed = Mutex<Result<[String: SHA256Digest], any Error>>(.success([:]))
    private let isCancelled = Atomic<Bool>(false)

    /// Starts at once. Whoever does not get to `finish` calls `cancel`.
    init(_ files: [SourceFile], archive: Archive?) {
        self.files = files
        self.archive = archive
        let whole = archive.map { [SourceFile(name: $0.path, file: $0.file)] } ?? []
        stored = SourceDigests(files.filter(\.file.isMappable) + whole)
        guard let archive, files.contains(where: { !$0.file.isMappable }) else { return }
        DispatchQueue(label: "mmpack.digests.archive").async(group: group) { [self] in
            let outcome = Result {
                try archive.streamedDigests { isCancelled.load(ordering: .relaxed) }
            }
            streamed.withLock { $0 = outcome }
        }
    }

    /// Waits for the digests. Throws `FileError` and `ArchiveError`.
    func finish() throws -> Digests {
        var stored = try stored.finish()[...]
        group.wait()
        let streamed = try streamed.withLock { $0 }.get()
        let digests = try files.map { file in
            if file.file.isMappable { return stored.removeFirst() }
            guard let digest = streamed[file.file.path] else { throw ToolchainError(.noDigest, path: file.file.path) }
            return digest
        }
        return Digests(files: digests, archive: stored.first)
    }

    /// Ends the threads early; `finish` then gives nothing of use.
    func cancel() {
        isCancelled.store(true, ordering: .relaxed)
        stored.cancel()
        group.wait()
    }
}
