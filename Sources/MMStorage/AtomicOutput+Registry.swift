internal import Synchronization
internal import SystemPackage

/// The temporary files that this process has under way.
enum TemporaryRegistry {
    private struct State {
        var paths: Set<String> = []
        /// The process is about to end: what were made now, nobody would remove.
        var isClosed = false
    }

    private static let state = Mutex(State())

    /// Runs `creation` of the file, which is known before it is there; throws once all have been removed.
    static func adding<Result>(
        _ path: String,
        _ creation: () throws(FileError) -> Result
    ) throws(FileError) -> Result {
        try state.withLock { state throws(FileError) in
            guard !state.isClosed else { throw FileError(.create, .interrupted, path: path) }
            state.paths.insert(path)
            return try creation()
        }
    }

    /// Removes the file itself too.
    static func remove(_ path: String) {
        state.withLock {
            if $0.paths.remove(path) != nil { FileSystem.remove(path) }
        }
    }

    /// The file has its final name now.
    static func forget(_ path: String) {
        state.withLock { _ = $0.paths.remove(path) }
    }

    /// Removes all temporary files, for good, or those of one folder.
    static func removeAll(in folder: String?) {
        state.withLock {
            for path in $0.paths where folder == nil || FileSystem.folder(of: path) == folder {
                FileSystem.remove(path)
                $0.paths.remove(path)
            }
            if folder == nil { $0.isClosed = true }
        }
    }
}
