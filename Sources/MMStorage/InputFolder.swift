public import MMBytes

/// Files by plain name, in a folder or in something that holds files as a folder does.
public protocol InputFolder: Sendable {
    /// What it is called in messages.
    var path: String { get }

    /// The names of all entries, sorted by their bytes.
    func names() throws(FileError) -> [ByteString]

    /// Opens the regular file `name`; throws `FileError`, `.notRegularFile` for what is no such file.
    func file(_ name: ByteString) throws(FileError) -> InputFile
}

extension InputFolder {
    /// The path of an entry, for messages.
    public func path(of name: ByteString) -> String {
        FileSystem.path(of: name.string, in: path)
    }
}
