#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// What had an output's name before the output: a second link to it until the whole commit is done.
struct ReplacedFile {
    private enum Kept {
        case nothingThere
        case link(String)
        /// The file system has no hard links.
        case lost
    }

    private let path: String
    private let kept: Kept

    init(at path: String) throws(FileError) {
        self.path = path
        guard FileSystem.exists(path) else {
            kept = .nothingThere
            return
        }
        let other = TemporaryName.fresh(beside: path)
        // Both paths are valid C strings for the call.
        let result = try TemporaryRegistry.adding(other) { unsafe link(path, other) }
        if result != 0 { TemporaryRegistry.forget(other) }
        kept = result == 0 ? .link(other) : .lost
    }

    /// Gives the name back to what had it.
    func restore() {
        switch kept {
        case .nothingThere: FileSystem.remove(path)
        case .link(let other): if AtomicOutput.rename(other, path) == 0 { TemporaryRegistry.forget(other) }
        case .lost: break
        }
    }

    /// Lets the file go; after a restoration there is nothing to let go of.
    func discard() {
        if case .link(let other) = kept { TemporaryRegistry.remove(other) }
    }
}
