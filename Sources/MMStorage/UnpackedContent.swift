/// Bytes that do not lie in a file as they are, such as a compressed member of an archive.
///
/// Safe to read from several threads at once.
public protocol UnpackedContent: Sendable {
    /// Fills `destination` from `offset`; the range lies inside. Throws `FileError`.
    func read(at offset: Int, into destination: inout MutableRawSpan) throws(FileError)
}
