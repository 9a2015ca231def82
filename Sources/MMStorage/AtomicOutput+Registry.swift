internal import CFaults
internal import Synchronization
internal import SystemPackage

/// The temporary files that this process has under way; the same names stand in the table that the handler of a fault
/// reads.
enum TemporaryRegistry {
    /// A name in the handler's table.
    @safe private struct Entry: @unchecked Sendable {
        /// Nil where the table could not grow.
        private let pointer: OpaquePointer?

        init(_ path: String) {
            // The path is a valid C string for the call, which copies it.
            unsafe pointer = mmfault_add_temporary(path)
        }

        /// Once: the registry takes the entry out of its dictionary first.
        func remove() {
            if let pointer = unsafe pointer { unsafe mmfault_remove_temporary(pointer) }
        }
    }

    private struct State {
        var entries: [String: Entry] = [:]
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
            state.entries.updateValue(Entry(path), forKey: path)?.remove()
            mmfault_begin_creation()
            defer { mmfault_end_creation() }
            return try creation()
        }
    }

    /// Removes the file itself too.
    static func remove(_ path: String) {
        state.withLock {
            guard let entry = $0.entries.removeValue(forKey: path) else { return }
            FileSystem.remove(path)
            entry.remove()
        }
    }

    /// The file has its final name now.
    static func forget(_ path: String) {
        state.withLock { $0.entries.removeValue(forKey: path)?.remove() }
    }

    /// Removes all temporary files, for good, or those of one folder.
    static func removeAll(in folder: String?) {
        state.withLock {
            for (path, entry) in $0.entries where folder == nil || FileSystem.folder(of: path) == folder {
                FileSystem.remove(path)
                $0.entries.removeValue(forKey: path)
                entry.remove()
            }
            if folder == nil { $0.isClosed = true }
        }
    }
}
