public import MMBytes
internal import SystemPackage

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// An open folder whose entries are opened by plain name and from the descriptor, so that no name from a file can lead
/// out of it and no renaming of the path can swap it half-way.
///
/// A symbolic link in the folder is followed, as the snapshots of a Hugging Face cache are made of them; what it leads
/// to must be a regular file.
public final class AnchoredDirectory: InputFolder {
    public let path: String
    let descriptor: CInt

    /// Opens the folder at `path`; throws `FileError`, with `.notFolder` for anything else that is there.
    public init(path: String) throws(FileError) {
        self.path = path
        do throws(FileError) {
            // The path is a valid C string for the call.
            descriptor = try SystemCall.open(.open, path: path) {
                unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_DIRECTORY)
            }
        } catch {
            throw error.reason == .failed(.open, .notDirectory) ? FileError(.notFolder, path: path) : error
        }
    }

    deinit {
        _ = close(descriptor)
    }

    /// Whether `name` names an entry of a folder and nothing else: no separator of any system, no control character,
    /// neither "." nor "..", at most 255 bytes of UTF-8.
    public static func isPlainName(_ name: ByteString) -> Bool {
        !name.isEmpty && name.count <= 255 && name != "." && name != ".." && !name.hasControlCharacters
            && name.isValidUTF8 && !name.bytes.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }
    }

    /// Opens the regular file `name` of the folder; throws `FileError`.
    ///
    /// A name with a separator or a NUL, or one that means a folder, is refused as `.notRegularFile`.
    public func file(_ name: ByteString) throws(FileError) -> InputFile {
        let filePath = path(of: name)
        guard !name.isEmpty, !name.bytes.contains(where: { $0 == UInt8(ascii: "/") || $0 == 0 }) else {
            throw FileError(.notRegularFile, path: filePath)
        }
        let spelled = name.bytes.map { CChar(bitPattern: $0) } + [0]
        // The array ends with NUL and outlives the call.
        let opened = try SystemCall.open(.open, path: filePath) {
            unsafe openat(descriptor, spelled, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        }
        return try InputFile(descriptor: opened, path: filePath)
    }

    /// The names of all entries but "." and "..", sorted by their bytes.
    public func names() throws(FileError) -> [ByteString] {
        // A second descriptor, since closedir closes the one that it was given.
        let copy = try SystemCall.run(.list, path: path) {
            unsafe openat(descriptor, ".", O_RDONLY | O_CLOEXEC | O_DIRECTORY)
        }
        guard let stream = unsafe fdopendir(copy) else {
            let error = Errno(rawValue: errno)
            _ = close(copy)
            throw FileError(.list, error, path: path)
        }
        defer { unsafe closedir(stream) }
        var names: [ByteString] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(stream) else { break }
            // d_name is NUL-terminated inside the entry, which is valid until the next readdir.
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe ByteString($0.prefix { $0 != 0 }) }
            if name != ".", name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw FileError(.list, Errno(rawValue: errno), path: path) }
        return names.sorted()
    }
}
