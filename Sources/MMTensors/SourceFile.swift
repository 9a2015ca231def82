public import MMStorage

/// A file that a source reads its tensors from.
public struct SourceFile: Sendable {
    /// The plain file name, without folders, for provenance.
    public let name: String
    public let file: InputFile

    public init(name: String, file: InputFile) {
        self.name = name
        self.file = file
    }

    public var byteCount: Int { file.byteCount }
}
