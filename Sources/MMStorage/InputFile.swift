internal import MMBytes
internal import SystemPackage

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// An open regular file that is read at offsets (`pread`), so that nothing of it stays in memory.
public final class InputFile: Sendable {
    public let path: String
    public let identity: FileIdentity
    let descriptor: CInt

    public var byteCount: Int { identity.byteCount }

    /// Opens without following a FIFO or device into a hang: only a regular file passes.
    public convenience init(path: String) throws(FileError) {
        // The path is a valid C string for the call.
        let descriptor = try SystemCall.open(.open, path: path) {
            unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        }
        try self.init(descriptor: descriptor, path: path)
    }

    /// Takes over an open descriptor, and closes it if it is not a regular file.
    init(descriptor: CInt, path: String) throws(FileError) {
        self.descriptor = descriptor
        self.path = path
        do throws(FileError) {
            let status = try Self.status(of: descriptor, path: path)
            guard status.st_mode & S_IFMT == S_IFREG else { throw FileError(.notRegularFile, path: path) }
            identity = FileIdentity(status)
        } catch {
            _ = close(descriptor)
            throw error
        }
    }

    deinit {
        _ = close(descriptor)
    }

    private static func status(of descriptor: CInt, path: String) throws(FileError) -> stat {
        var status = stat()
        // `status` outlives the call that fills it.
        _ = try SystemCall.run(.inspect, path: path) { unsafe fstat(descriptor, &status) }
        return status
    }

    /// Fills `destination` from `offset`; throws `FileError` when the file ends first.
    public func read(at offset: Int, into destination: inout MutableRawSpan) throws(FileError) {
        // The buffer is used inside the closure only.
        try unsafe destination.withUnsafeMutableBytes { buffer throws(FileError) in
            try unsafe fill(buffer, from: offset)
        }
    }

    private func fill(_ buffer: UnsafeMutableRawBufferPointer, from offset: Int) throws(FileError) {
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

    /// Copies `byteCount` bytes from `offset`.
    public func bytes(at offset: Int, byteCount: Int) throws(FileError) -> [UInt8] {
        guard byteCount <= self.byteCount, offset <= self.byteCount - byteCount else {
            throw FileError(.endsEarly(needed: offset.adding(byteCount) ?? .max, available: self.byteCount), path: path)
        }
        var bytes = [UInt8](repeating: 0, count: byteCount)
        var span = bytes.mutableSpan
        // Any byte is a valid UInt8.
        var raw = unsafe span.mutableBytes
        try read(at: offset, into: &raw)
        return bytes
    }

    /// Throws when size, time or identity differ from those at opening.
    public func checkUnchanged() throws(FileError) {
        guard FileIdentity(try Self.status(of: descriptor, path: path)) == identity else {
            throw FileError(.changedWhileReading, path: path)
        }
    }
}
