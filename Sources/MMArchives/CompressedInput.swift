internal import MMStorage

/// A file that a decoder takes in from its beginning to its end.
///
/// Not synchronised: one pass owns it.
final class CompressedInput {
    let file: InputFile
    private let buffer = PageBuffer(capacity: byteCount)
    private var position = 0

    private static let byteCount = 1 << 18

    init(_ file: InputFile) {
        self.file = file
    }

    /// Whether everything has been handed out.
    var isAtEnd: Bool { position == file.byteCount }

    /// The next bytes, valid until the next call; none at the end.
    func next() throws(FileError) -> UnsafeRawBufferPointer {
        let buffer = buffer
        let count = min(Self.byteCount, file.byteCount - position)
        var bytes = buffer.mutableBytes(count)
        try file.read(at: position, into: &bytes)
        position += count
        // Just filled; the buffer lives as long as self.
        return unsafe UnsafeRawBufferPointer(start: buffer.pointer, count: count)
    }
}
