internal import Synchronization

/// The temporary files that this process has under way.
enum TemporaryRegistry {
    private static let paths = Mutex<Set<String>>([])

    static func add(_ path: String) {
        paths.withLock { _ = $0.insert(path) }
    }

    /// Removes the file itself too.
    static func remove(_ path: String) {
        paths.withLock {
            if $0.remove(path) != nil { FileSystem.remove(path) }
        }
    }

    /// The file has its final name now.
    static func forget(_ path: String) {
        paths.withLock { _ = $0.remove(path) }
    }

    /// Removes all temporary files, or those of one folder.
    static func removeAll(in folder: String?) {
        paths.withLock {
            for path in $0 where folder == nil || FileSystem.folder(of: path) == folder {
                FileSystem.remove(path)
                $0.remove(path)
            }
        }
    }
}
