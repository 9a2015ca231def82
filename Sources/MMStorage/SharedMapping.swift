internal import Synchronization

/// A file's mapping, made when it is first asked for and then shared.
public final class SharedMapping: Sendable {
    private let file: InputFile
    private let mapped = Mutex<MappedFile?>(nil)

    public init(_ file: InputFile) {
        self.file = file
    }

    public func get() throws(FileError) -> MappedFile {
        try mapped.withLock { mapped throws(FileError) in
            if let existing = mapped { return existing }
            let made = try MappedFile(file)
            mapped = made
            return made
        }
    }
}
