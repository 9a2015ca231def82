public import MMBytes
internal import SystemPackage

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Names and folders, as far as outputs need them.
public enum FileSystem {
    /// The folder that an entry lies in: "." for a plain name.
    public static func folder(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The last component of a path.
    public static func name(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
        return String(path[path.utf8.index(after: slash)...])
    }

    /// The path of the entry `name` of a folder.
    public static func path(of name: String, in folder: String) -> String {
        folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }

    /// Whether anything has this name, a dangling link included.
    public static func exists(_ path: String) -> Bool {
        var status = stat()
        // The path is a valid C string for the call; `status` outlives it.
        return unsafe lstat(path, &status) == 0
    }

    /// Throws `FileError` unless an output can have this name: nothing has it, or a regular file. A rename would take the
    /// place of a device, a FIFO or a link without a word.
    public static func checkTarget(_ path: String) throws(FileError) {
        guard !name(of: path).isEmpty else {
            throw FileError(.create, path.isEmpty ? .noSuchFileOrDirectory : .isDirectory, path: path)
        }
        var status = stat()
        // The path is a valid C string for the call; `status` outlives it.
        guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG else { return }
        throw FileError(.notReplaceable, path: path)
    }

    /// Removes a file; what is not there needs no removing.
    static func remove(_ path: String) {
        // The path is a valid C string for the call.
        _ = unsafe unlink(path)
    }

    /// Removes files of an older output; throws `FileError` for one that resists.
    public static func removeFile(_ path: String) throws(FileError) {
        // The path is a valid C string for the call.
        _ = try SystemCall.run(.remove, path: path) { unsafe unlink(path) }
    }

    /// Makes a folder, unless it is there; gives whether it was made.
    public static func createFolder(_ path: String) throws(FileError) -> Bool {
        // The path is a valid C string for the call.
        do throws(FileError) {
            _ = try SystemCall.run(.create, path: path) { unsafe mkdir(path, 0o777) }
            return true
        } catch {
            guard case .failed(_, .fileExists) = error.reason else { throw error }
            return false
        }
    }

    /// Removes a folder if it is empty.
    public static func removeEmptyFolder(_ path: String) {
        // The path is a valid C string for the call.
        _ = unsafe rmdir(path)
    }

    /// Names of all entries of a folder but "." and "..", sorted.
    public static func names(in folder: String) throws(FileError) -> [ByteString] {
        do throws(FileError) {
            return try AnchoredDirectory(path: folder).names()
        } catch {
            throw error.reason == .notFolder ? FileError(.list, .notDirectory, path: folder) : error
        }
    }

    /// Gives the regular file at `other`, in the same folder, the name `path`, in the place of a regular file or of nothing.
    public static func replace(_ path: String, by other: String) throws(FileError) {
        try checkTarget(path)
        _ = try SystemCall.run(.rename, path: path) { AtomicOutput.rename(other, path) }
    }

    /// Makes renames in the folder of `path` outlast a power failure.
    public static func synchronizeFolder(of path: String) throws(FileError) {
        let folder = folder(of: path)
        // The path is a valid C string for the call.
        let descriptor = try SystemCall.run(.sync, path: folder) {
            unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
        defer { _ = close(descriptor) }
        // Some file systems cannot synchronise a folder; the rename itself has happened.
        while fsync(descriptor) == -1 {
            let error = Errno(rawValue: errno)
            if error == .invalidArgument || error == .notSupported { return }
            guard error == .interrupted else { throw FileError(.sync, error, path: folder) }
        }
    }
}
