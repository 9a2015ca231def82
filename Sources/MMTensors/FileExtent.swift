public import MMStorage

/// Consecutive bytes of a file.
public struct FileExtent: Sendable {
    public let file: InputFile
    public let range: Range<Int>

    public init(file: InputFile, range: Range<Int>) {
        self.file = file
        self.range = range
    }
}
