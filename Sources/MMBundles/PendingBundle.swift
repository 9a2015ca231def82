internal import MMBytes
internal import MMCodecs
package import MMStorage
internal import Synchronization

/// A bundle that is whole but has no name yet: it appears with `commit`, or never.
///
/// Letting go of it removes its files.
public final class PendingBundle: Sendable {
    private let outputs: [AtomicOutput]
    /// Goes with the files: whoever kills the process now can go on from all tensors.
    private let journal: WriteJournal
    private let paths: BundlePaths
    private let replacing: Bool
    private let summary: BundleSummary
    private let isClosed = Mutex<Bool>(false)

    init(
        outputs: [AtomicOutput],
        journal: WriteJournal,
        paths: BundlePaths,
        replacing: Bool,
        summary: BundleSummary
    ) {
        self.outputs = outputs
        self.journal = journal
        self.paths = paths
        self.replacing = replacing
        self.summary = summary
    }

    deinit {
        discard()
    }

    /// The temporary files, in the order of their part numbers.
    public var partPaths: [String] { outputs.map(\.temporaryPath) }

    /// Opens the bundle under its temporary names, to be verified; it stays readable after the commit.
    public func open() throws -> Bundle {
        try Bundle.open(parts: partPaths)
    }

    /// Makes the bundle appear: all files on the disk, then named, part 1 last. With `replacing` an older bundle of
    /// the same name goes away whole, whatever its number of parts. Of two that commit at once the later one wins whole, or
    /// is refused.
    ///
    /// Throws `FileError`: without `replacing`, then, the folder is as it was.
    public func commit() throws -> BundleSummary {
        try close()
        defer { journal.discard() }
        let lock = FolderLock(of: paths.path)
        defer { withExtendedLifetime(lock) {} }
        try BundleCommit(beside: paths)?.finish()
        let older = try paths.existing()
        if !replacing, let first = older.first { throw FileError(.exists, path: first) }
        guard outputs.count == 1 || !older.contains(where: summary.paths.contains) else {
            try replaceSet(older)
            return summary
        }
        let order = Array(1..<outputs.count) + [0]
        try AtomicOutput.commit(
            order.map { outputs[$0] },
            to: order.map { summary.paths[$0] },
            replacing: replacing
        )
        for path in older where !summary.paths.contains(path) { try FileSystem.removeFile(path) }
        return summary
    }

    /// Takes the place of a set of the same names, of which a rename at a time would leave neither.
    private func replaceSet(_ older: [String]) throws {
        defer { for output in outputs { output.discard() } }
        for path in summary.paths { try FileSystem.checkTarget(path) }
        for output in outputs { try output.synchronize() }
        let commit = commit(over: older)
        // Before the record, so that no signal takes away what it names.
        relinquish()
        do throws(FileError) {
            try commit.write()
        } catch {
            for path in partPaths { try? FileSystem.removeFile(path) }
            throw error
        }
        try commit.finish()
    }

    private func commit(over older: [String]) -> BundleCommit {
        BundleCommit(partPaths, to: summary.paths, over: older, paths: paths)
    }

    /// Leaves the files under their temporary names; with `writeCommitRecord` what a killed process does.
    package func relinquish() {
        for output in outputs { output.relinquish() }
    }

    package func writeCommitRecord(over older: [String]) throws(FileError) {
        try commit(over: older).write()
    }

    private func close() throws {
        let wasClosed = isClosed.withLock { isClosed in
            defer { isClosed = true }
            return isClosed
        }
        if wasClosed { throw BundleError(.closed, path: paths.path) }
    }

    /// Removes the files; nothing happens after a commit or a second time.
    public func discard() {
        isClosed.withLock { $0 = true }
        journal.discard()
        for output in outputs { output.discard() }
    }
}
