internal import SystemPackage

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

extension AtomicOutput {
    /// Gives the file its name: synchronised, renamed, folder synchronised.
    public func commit(replacing: Bool) throws(FileError) {
        try Self.commit([self], to: [path], replacing: replacing)
    }

    /// Gives several files of one folder their names, in order.
    ///
    /// All are on the disk before the first is renamed. A failure discards the rest and takes back the names already
    /// given, so that either all files are there or those that were before.
    public static func commit(
        _ outputs: [AtomicOutput],
        to paths: [String],
        replacing: Bool
    ) throws(FileError) {
        precondition(outputs.count == paths.count)
        defer { for output in outputs { output.discard() } }
        for output in outputs { try output.synchronize() }
        if !replacing {
            for path in paths where FileSystem.exists(path) { throw FileError(.exists, path: path) }
        }
        var replaced: [ReplacedFile] = []
        defer { for file in replaced { file.discard() } }
        do throws(FileError) {
            for (output, path) in zip(outputs, paths) {
                let older = try ReplacedFile(at: path)
                do throws(FileError) {
                    try output.rename(to: path, replacing: replacing)
                } catch {
                    older.discard()
                    throw error
                }
                replaced.append(older)
            }
            if let first = paths.first { try FileSystem.synchronizeFolder(of: first) }
        } catch {
            for file in replaced.reversed() { file.restore() }
            throw error
        }
    }

    /// Writes a small file as a whole.
    public static func write(_ bytes: [UInt8], to path: String, replacing: Bool = true) throws(FileError) {
        let output = try AtomicOutput(path: path)
        // UInt8 has no padding.
        try output.write(unsafe bytes.span.bytes, at: 0)
        try output.commit(replacing: replacing)
    }

    /// Removes the temporary files of this process: for a thread that handles SIGINT or SIGTERM before the process
    /// ends.
    public static func removeAllTemporaries() {
        TemporaryRegistry.removeAll(in: nil)
    }

    /// The same for the outputs of one folder.
    package static func removeAllTemporaries(in folder: String) {
        TemporaryRegistry.removeAll(in: folder)
    }

    /// Throws when the file system of the folder that `path` lies in has less than `byteCount` bytes free.
    public static func checkSpace(for byteCount: Int, at path: String) throws(FileError) {
        var status = statvfs()
        let folder = FileSystem.folder(of: path)
        // `status` outlives the call that fills it.
        _ = try SystemCall.run(.create, path: path) { unsafe statvfs(folder, &status) }
        let available = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        guard !available.overflow, let free = Int(exactly: available.partialValue), free < byteCount else { return }
        throw FileError(.insufficientSpace(needed: byteCount, available: free), path: path)
    }
}
