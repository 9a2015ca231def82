internal import MMStorage
internal import Synchronization

/// A file's mapping, made when it is first asked for and then shared.
final class SharedMapping: Sendable {
    private let file: InputFile
    private let mapped = Mutex<MappedFile?>(nil)

    init(_ file: InputFile) {
        self.file = file
    }

    func get() throws(FileError) -> MappedFile {
        try mapped.withLock { mapped throws(FileError) in
            if let existing = mapped { return existing }
            let made = try MappedFile(file)
            mapped = made
            return made
        }
    }
}
