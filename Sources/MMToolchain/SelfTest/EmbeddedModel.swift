internal import CReference
internal import MMBytes
internal import MMStorage

/// The model that is part of the program: fixtures/mm1/nano, trained on the pictures that `Scene` draws.
enum EmbeddedModel {
    /// Writes its files into a folder, which must be there.
    ///
    /// Throws `FileError`.
    static func write(to folder: String) throws(FileError) {
        for index in 0..<mmr_file_count() {
            let file = unsafe mmr_file_at(index)
            // Both live as long as the program: a C string, and `count` bytes.
            let name = unsafe String(cString: file.name)
            let bytes = unsafe Array(UnsafeBufferPointer(start: file.pointer, count: file.count))
            try AtomicOutput.write(bytes, to: FileSystem.path(of: name, in: folder), replacing: false)
        }
    }
}
