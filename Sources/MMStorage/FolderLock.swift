#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// One process at a time gives a set of files of a folder their names. Let go of with the object, and by the system with
/// the process.
public final class FolderLock: Sendable {
    /// -1 where the folder cannot be opened.
    private let descriptor: CInt

    /// Waits for the lock of the folder that `path` lies in; a file system without locks gives none.
    public init(of path: String) {
        // The path is a valid C string for the call.
        descriptor = unsafe open(FileSystem.folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor != -1 else { return }
        while flock(descriptor, LOCK_EX) == -1, errno == EINTR {}
    }

    deinit {
        // Closing lets go of the lock.
        if descriptor != -1 { _ = close(descriptor) }
    }
}
