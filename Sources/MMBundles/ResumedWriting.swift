internal import MMBytes
internal import MMCodecs
internal import MMStorage
internal import MMTensors

/// What a writer that was killed left of the same job: its files, and those of the tensors whose bytes are still what its
/// journal says.
struct ResumedWriting {
    let files: [AtomicOutput]
    let tensors: [WriteJournal.Tensor]

    /// Looks beside `path` for a journal of the job `key`, takes over its files and reads them again. Nil where there is
    /// nothing to go on from.
    init?(path: String, key: SHA256Digest, tensors expected: [TensorDescriptor]) {
        let abandoned = AtomicOutput.abandonedPaths(beside: path)
        let journals = abandoned.compactMap { WriteJournal.read($0, key: key) }
        guard let journal = journals.max(by: { $0.tensors.count < $1.tensors.count }), !journal.tensors.isEmpty else {
            return nil
        }
        var files: [AtomicOutput] = []
        for name in journal.files {
            guard let found = abandoned.first(where: { FileSystem.name(of: $0) == name }),
                let file = try? AtomicOutput(takingOver: found, path: path)
            else { break }
            files.append(file)
        }
        var tensors: [WriteJournal.Tensor] = []
        let space = PageBuffer(capacity: BundleFormat.chunkByteCount)
        for (tensor, descriptor) in zip(journal.tensors, expected) {
            guard Self.isWhole(tensor, descriptor, in: files, space: space) else { break }
            tensors.append(tensor)
        }
        // Files that hold nothing of what is left are let go of, and removed with that.
        let usedCount = tensors.flatMap(\.chunks).reduce(1) { max($0, $1.file + 1) }
        guard !tensors.isEmpty, files.count >= usedCount else { return nil }
        self.files = Array(files.prefix(usedCount))
        self.tensors = tensors
    }

    /// Reads every byte of the tensor again.
    private static func isWhole(
        _ tensor: WriteJournal.Tensor,
        _ descriptor: TensorDescriptor,
        in files: [AtomicOutput],
        space: PageBuffer
    ) -> Bool {
        var hasher = SHA256Hasher()
        var isRaw = true
        var logicalByteCount = 0
        for (file, row) in tensor.chunks {
            guard files.indices.contains(file) else { return false }
            var bytes = space.mutableBytes(row.storedByteCount)
            guard (try? files[file].read(at: row.offset, into: &bytes)) != nil, row.matches(bytes.bytes) else {
                return false
            }
            if row.digest == .zeros {
                hasher.update(bytes.bytes)
            } else {
                isRaw = false
                guard SHA256Digest(of: bytes.bytes) == row.digest else { return false }
            }
            logicalByteCount += row.logicalByteCount
        }
        return logicalByteCount == descriptor.byteCount && (!isRaw || hasher.finalize() == tensor.digest)
    }
}
