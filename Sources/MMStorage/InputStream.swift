internal import SystemPackage

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Input that is read once from its beginning to its end: a file, a pipe, a terminal.
public enum InputStream {
    private static let pieceByteCount = 65_536

    /// All bytes of `path`, or of standard input for "-"; nil when there are more than `limit`.
    ///
    /// Waits for what a pipe has yet to say. Throws `FileError`.
    public static func bytes(_ path: String, limit: Int) throws(FileError) -> [UInt8]? {
        if path == "-" { return try bytes(descriptor: STDIN_FILENO, path: "standard input", limit: limit) }
        // The path is a valid C string for the call.
        let descriptor = try SystemCall.open(.open, path: path) { unsafe open(path, O_RDONLY | O_CLOEXEC) }
        defer { _ = close(descriptor) }
        return try bytes(descriptor: descriptor, path: path, limit: limit)
    }

    private static func bytes(descriptor: CInt, path: String, limit: Int) throws(FileError) -> [UInt8]? {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: pieceByteCount)
        while true {
            let count = try SystemCall.run(.read, path: path) {
                // The buffer is valid for the call, which fills at most its length.
                unsafe piece.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            }
            guard count > 0 else { return bytes }
            guard count <= limit - bytes.count else { return nil }
            bytes += piece[..<count]
        }
    }
}
