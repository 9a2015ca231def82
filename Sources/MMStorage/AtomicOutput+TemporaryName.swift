internal import MMBytes
internal import SystemPackage

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The names of temporary files: `.NAME.partial-PID-RANDOM`, in the folder of NAME.
enum TemporaryName {
    /// Room for the marks around the name in the 255 bytes that file systems allow.
    private static let nameByteCountLimit = 200

    static func fresh(beside path: String) -> String {
        let random = UInt32.random(in: .min ... .max)
        return FileSystem.folder(of: path) + "/" + prefix(for: path) + "\(getpid())-" + String(random, radix: 16)
    }

    private static func prefix(for path: String) -> String {
        var name = FileSystem.name(of: path)
        while name.utf8.count > nameByteCountLimit { name.removeLast() }
        return ".\(name).partial-"
    }

    /// Removes what outputs of the same name left behind when their process was killed, unless somebody holds the file's
    /// lock (another machine may share the folder).
    static func sweep(beside path: String) {
        for path in abandoned(beside: path) { removeUnlocked(path) }
    }

    /// The paths of such files: the process of the name is gone.
    static func abandoned(beside path: String) -> [String] {
        let prefix = ByteString(prefix(for: path))
        let folder = FileSystem.folder(of: path)
        guard let names = try? FileSystem.names(in: folder) else { return [] }
        return names.filter { name in
            guard name.hasPrefix(prefix) else { return false }
            let rest = name.bytes.dropFirst(prefix.count).prefix { $0 != UInt8(ascii: "-") }
            guard let process = pid_t(String(decoding: rest, as: UTF8.self)), process > 0 else { return false }
            return kill(process, 0) == -1 && errno == ESRCH
        }.map { folder + "/" + $0.string }
    }

    private static func removeUnlocked(_ path: String) {
        // The path is a valid C string for the calls.
        let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor != -1 else { return }
        defer { _ = close(descriptor) }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK { FileSystem.remove(path) }
    }
}
