internal import MMBytes
internal import SystemPackage

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// An open regular file that is read at offsets (`pread`), so that nothing of it stays in memory; or a part of one, or
/// what a part of one unpacks to.
public final class InputFile: Sendable {
    /// What it is called in messages; a member of an archive has the archive's path in front.
    public let path: String
    /// Of the file on the disk.
    public let identity: FileIdentity
    public let byteCount: Int
    /// Where its bytes begin in the file on the disk.
    public let start: Int
    /// What the bytes come from where they do not lie in the file as they are.
    public let content: (any UnpackedContent)?
    let descriptor: CInt
    /// The file that owns the descriptor, where this is a part of it.
    private let container: InputFile?

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
        start = 0
        content = nil
        container = nil
        do throws(FileError) {
            let status = try Self.status(of: descriptor, path: path)
            guard status.st_mode & S_IFMT == S_IFREG else { throw FileError(.notRegularFile, path: path) }
            identity = FileIdentity(status)
            byteCount = identity.byteCount
        } catch {
            _ = close(descriptor)
            throw error
        }
    }

    /// Bytes `range` of `file`, inside it, as a file of their own.
    public init(_ file: InputFile, range: Range<Int>, path: String) {
        precondition(file.content == nil && range.lowerBound >= 0 && range.upperBound <= file.byteCount)
        self.path = path
        identity = file.identity
        byteCount = range.count
        // Inside the file, whose own range is inside the one on the disk.
        start = file.start + range.lowerBound
        content = nil
        descriptor = file.descriptor
        container = file
    }

    /// The `byteCount` bytes that something in `file` unpacks to.
    public init(_ file: InputFile, content: any UnpackedContent, byteCount: Int, path: String) {
        self.path = path
        identity = file.identity
        self.byteCount = byteCount
        start = 0
        self.content = content
        descriptor = file.descriptor
        container = file
    }

    deinit {
        if container == nil { _ = close(descriptor) }
    }

    /// Whether the bytes lie in the file as they are.
    public var isMappable: Bool { content == nil }

    private static func status(of descriptor: CInt, path: String) throws(FileError) -> stat {
        var status = stat()
        // `status` outlives the call that fills it.
        _ = try SystemCall.run(.inspect, path: path) { unsafe fstat(descriptor, &status) }
        return status
    }

    /// Fills `destination` from `offset`; throws `FileError` when the file ends first, as one that changed where it did
    /// not when it was opened.
    public func read(at offset: Int, into destination: inout MutableRawSpan) throws(FileError) {
        if container != nil {
            // A part ends where the file may go on.
            guard offset >= 0, destination.byteCount <= byteCount, offset <= byteCount - destination.byteCount else {
                throw FileError(
                    .endsEarly(needed: offset.adding(destination.byteCount) ?? .max, available: byteCount),
                    path: path
                )
            }
            if let content { return try content.read(at: offset, into: &destination) }
        }
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
                unsafe pread(descriptor, base + filled, buffer.count - filled, off_t(start + offset + filled))
            }
            guard count > 0 else {
                // What was inside the file when it was opened is gone.
                if offset + buffer.count <= byteCount { throw FileError(.changedWhileReading, path: path) }
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
