internal import Synchronization
internal import SystemPackage

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// A file that appears under its name only when it is whole: written under a temporary name in the same folder,
/// synchronised, then renamed.
///
/// Whoever lets go of an uncommitted output leaves nothing behind: discarding and deinit remove the temporary file,
/// `removeAllTemporaries` does it for all at once, and what a killed process left is swept by the next output of the
/// same name. Safe to write from several threads at once.
public final class AtomicOutput: Sendable {
    /// The name that the file is meant for; a commit may choose another in the same folder.
    public let path: String
    public let temporaryPath: String
    private let descriptor: CInt
    private let isPending = Atomic<Bool>(true)

    /// Creates the temporary file with its final permissions (0666 less the umask), never wider for a moment.
    ///
    /// Throws `FileError` when the folder cannot be written.
    public init(path: String) throws(FileError) {
        try FileSystem.checkTarget(path)
        self.path = path
        TemporaryName.sweep(beside: path)
        (temporaryPath, descriptor) = try Self.create(beside: path)
    }

    /// Takes over the temporary file of an output of the same name whose process is gone, with what is in it.
    ///
    /// Throws `FileError` where it is gone too, or where somebody holds its lock.
    public init(takingOver other: String, path: String) throws(FileError) {
        self.path = path
        let fresh = TemporaryName.fresh(beside: path)
        // The paths are valid C strings for the calls.
        let opened = try SystemCall.open(.open, path: other) { unsafe open(other, O_RDWR | O_CLOEXEC | O_NOFOLLOW) }
        do throws(FileError) {
            guard flock(opened, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
                throw FileError(.open, .resourceTemporarilyUnavailable, path: other)
            }
            _ = try TemporaryRegistry.adding(fresh) { () throws(FileError) in
                try SystemCall.run(.rename, path: other) { Self.rename(other, fresh) }
            }
        } catch {
            TemporaryRegistry.forget(fresh)
            _ = close(opened)
            throw error
        }
        (temporaryPath, descriptor) = (fresh, opened)
    }

    /// Temporary files of outputs of this name whose processes are gone.
    public static func abandonedPaths(beside path: String) -> [String] { TemporaryName.abandoned(beside: path) }

    deinit {
        discard()
        // Closing also lets go of the lock that marks the temporary file as in use.
        _ = close(descriptor)
    }

    private static func create(beside path: String) throws(FileError) -> (String, CInt) {
        var attemptCount = 0
        while true {
            let candidate = TemporaryName.fresh(beside: path)
            do throws(FileError) {
                let descriptor = try TemporaryRegistry.adding(candidate) { () throws(FileError) in
                    // The path is a valid C string for the call.
                    try SystemCall.open(.create, path: path) {
                        unsafe open(candidate, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
                    }
                }
                // Tells a sweep that the file is in use; a file system without locks relies on the process id alone.
                _ = flock(descriptor, LOCK_EX | LOCK_NB)
                return (candidate, descriptor)
            } catch {
                // Made, but not to be kept open; or another's, whose name it must keep.
                if case .failed(_, .fileExists) = error.reason {
                    TemporaryRegistry.forget(candidate)
                } else {
                    TemporaryRegistry.remove(candidate)
                }
                attemptCount += 1
                guard case .failed(_, .fileExists) = error.reason, attemptCount < 16 else { throw error }
            }
        }
    }

    /// Writes all of `bytes` at `offset`; what is skipped reads as zeros.
    ///
    /// Throws `FileError`: of this file, or of the mapped one that the bytes lie in when that has become shorter.
    public func write(_ bytes: RawSpan, at offset: Int) throws(FileError) {
        try unsafe bytes.withUnsafeBytes { buffer throws(FileError) in
            guard let base = buffer.baseAddress else { return }
            var written = 0
            while written < buffer.count {
                // written < buffer.count keeps address and length in bounds.
                do throws(FileError) {
                    written += try SystemCall.run(.write, path: path) {
                        unsafe pwrite(descriptor, base + written, buffer.count - written, off_t(offset + written))
                    }
                } catch {
                    guard error.reason == .failed(.write, .badAddress),
                        let source = unsafe MappingFaults.path(of: base + written)
                    else { throw error }
                    throw FileError(.changedWhileReading, path: source)
                }
            }
        }
    }

    /// Reads back what was written; throws `FileError` where the file ends first.
    public func read(at offset: Int, into destination: inout MutableRawSpan) throws(FileError) {
        try unsafe destination.withUnsafeMutableBytes { buffer throws(FileError) in
            guard let base = buffer.baseAddress else { return }
            var filled = 0
            while filled < buffer.count {
                // filled < buffer.count keeps address and length in bounds.
                let count = try SystemCall.run(.read, path: path) {
                    unsafe pread(descriptor, base + filled, buffer.count - filled, off_t(offset + filled))
                }
                guard count > 0 else {
                    throw FileError(.endsEarly(needed: offset + buffer.count, available: offset + filled), path: path)
                }
                filled += count
            }
        }
    }

    /// Asks the kernel to start writing a range to the disk, so that the final synchronisation has little left.
    public func startWriteback(at offset: Int, byteCount: Int) {
        #if !canImport(Darwin)
        // Linux starts the writing of dirty pages here and keeps them until they are clean (mm/fadvise.c).
        _ = posix_fadvise(descriptor, off_t(offset), off_t(byteCount), POSIX_FADV_DONTNEED)
        #endif
    }

    /// Makes the file `byteCount` bytes long, with zeros where nothing was written.
    public func setByteCount(_ byteCount: Int) throws(FileError) {
        _ = try SystemCall.run(.write, path: path) { ftruncate(descriptor, off_t(byteCount)) }
    }

    /// Returns when everything written is on the disk. A failure is final: the kernel may have dropped the pages.
    public func synchronize() throws(FileError) {
        #if canImport(Darwin)
        // fsync leaves the data in the drive's cache there.
        if fcntl(descriptor, F_FULLFSYNC) != -1 { return }
        #endif
        _ = try SystemCall.run(.sync, path: path) { fsync(descriptor) }
    }

    /// Removes the temporary file; nothing happens after a commit or a second time.
    public func discard() {
        guard isPending.exchange(false, ordering: .acquiringAndReleasing) else { return }
        TemporaryRegistry.remove(temporaryPath)
    }

    /// Leaves the file on the disk under its temporary name: whoever knows it goes on from here.
    public func relinquish() {
        isPending.store(false, ordering: .releasing)
        TemporaryRegistry.forget(temporaryPath)
    }

    /// Gives the file its name; throws when the name is taken and `replacing` is false.
    func rename(to target: String, replacing: Bool) throws(FileError) {
        if replacing {
            try FileSystem.checkTarget(target)
            _ = try SystemCall.run(.rename, path: target) { Self.rename(temporaryPath, target) }
        } else {
            try renameExclusively(to: target)
        }
        isPending.store(false, ordering: .releasing)
        TemporaryRegistry.forget(temporaryPath)
    }

    /// Both paths are valid C strings for the call.
    static func rename(_ old: String, _ new: String) -> CInt {
        #if canImport(Glibc)
        unsafe Glibc.rename(old, new)
        #elseif canImport(Musl)
        unsafe Musl.rename(old, new)
        #else
        unsafe Darwin.rename(old, new)
        #endif
    }

    /// A hard link fails where the name exists, which rename does not.
    private func renameExclusively(to target: String) throws(FileError) {
        // Both paths are valid C strings for the calls.
        if unsafe link(temporaryPath, target) == 0 {
            _ = unsafe unlink(temporaryPath)
            return
        }
        let error = Errno(rawValue: errno)
        guard error != .fileExists, !FileSystem.exists(target) else { throw FileError(.exists, path: target) }
        guard error == .notPermitted || error == .notSupported || error == .noFunction || error == .tooManyLinks else {
            throw FileError(.rename, error, path: target)
        }
        // A file system without hard links.
        _ = try SystemCall.run(.rename, path: target) { Self.rename(temporaryPath, target) }
    }
}
