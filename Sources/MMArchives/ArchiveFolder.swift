internal import MMBytes
internal import MMStorage
internal import SystemPackage

/// The files of an archive as those of a folder.
struct ArchiveFolder: InputFolder {
    let archive: Archive

    var path: String { archive.folderPath }

    func names() throws(FileError) -> [ByteString] { archive.entryNames() }

    func file(_ name: ByteString) throws(FileError) -> InputFile {
        if let file = archive.open(name) { return file }
        let path = path(of: name)
        guard archive.entryNames().contains(name) else { throw FileError(.open, .noSuchFileOrDirectory, path: path) }
        throw FileError(.notRegularFile, path: path)
    }
}
