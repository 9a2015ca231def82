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

    /// Removes a folder that holds nothing; any other stays.
    public static func removeEmptyFolder(_ path: String) {
        // The path is a valid C string for the call.
        _ = unsafe rmdir(path)
    }

    /// Makes a folder, unless it is there.
    public static func createFolder(_ path: String) throws(FileError) {
        // The path is a valid C string for the call.
        do throws(FileError) {
            _ = try SystemCall.run(.create, path: path) { unsafe mkdir(path, 0o777) }
        } catch {
            guard case .failed(_, .fileExists) = error.reason else { throw error }
        }
    }

    /// Names of all entries of a folder but "." and "..", sorted.
    public static func names(in folder: String) throws(FileError) -> [ByteString] {
        do throws(FileError) {
            return try AnchoredDirectory(path: folder).names()
        } catch {
            throw error.reason == .notFolder ? FileError(.list, .notDirectory, path: folder) : error
        }
    }

    /// Makes renames in the folder of `path` outlast a power failure.
    static func synchronizeFolder(of path: String) throws(FileError) {
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
