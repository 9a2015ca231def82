internal import MMBytes
internal import MMCodecs
internal import MMStorage
internal import Synchronization

/// A bundle that is whole but has no name yet: it appears with `commit`, or never.
///
/// Letting go of it removes its files.
public final class PendingBundle: Sendable {
    private let outputs: [AtomicOutput]
    private let paths: BundlePaths
    private let replacing: Bool
    private let summary: BundleSummary
    private let isClosed = Mutex<Bool>(false)

    init(outputs: [AtomicOutput], paths: BundlePaths, replacing: Bool, summary: BundleSummary) {
        self.outputs = outputs
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
    /// the same name goes away whole, whatever its number of parts.
    ///
    /// Throws `FileError`: without `replacing`, then, the folder is as it was.
    public func commit() throws -> BundleSummary {
        try close()
        let older = try paths.existing()
        if !replacing, let first = older.first { throw FileError(.exists, path: first) }
        let order = Array(1..<outputs.count) + [0]
        try AtomicOutput.commit(
            order.map { outputs[$0] },
            to: order.map { summary.paths[$0] },
            replacing: replacing
        )
        for path in older where !summary.paths.contains(path) { try FileSystem.removeFile(path) }
        return summary
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
        for output in outputs { output.discard() }
    }
}
