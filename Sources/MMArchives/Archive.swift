internal import MMBytes
public import MMCodecs
public import MMStorage

/// An archive of files, all of it checked: what its members are called and what they are, and the checksums that it has.
///
/// Members that lie in it as they are (a plain tar, stored members of a zip) are parts of its file, to be read and
/// mapped in place. Compressed ones are decompressed in memory, as `StreamedMembers` says; nothing is unpacked to a disk.
public final class Archive: Sendable {
    public let file: InputFile
    public let kind: ArchiveKind
    private let members: [ByteString: ArchiveMember]
    /// In the order of the archive.
    private let names: [ByteString]
    /// The one folder that holds everything, with a slash behind it; empty where there is none.
    private let root: ByteString
    private let streamed: StreamedMembers

    public var path: String { file.path }

    /// Reads the archive once: only the headers of a plain tar, everything of any other.
    ///
    /// - Parameter memoryByteCount: most bytes of compressed members that are kept in memory.
    /// - Throws: `ArchiveError` for one that is damaged, that unpacks to more than its size allows, or that holds a member
    ///   that no archive should hold, `FileError` where the file cannot be read.
    public init(_ file: InputFile, kind: ArchiveKind, memoryByteCount: Int? = nil) throws {
        let keptBlockCount = StreamedMembers.keptBlockCount(
            memoryByteCount: memoryByteCount ?? StreamedMembers.defaultMemoryByteCount
        )
        let scan = try ArchiveScan(file, kind: kind, keptBlockCount: keptBlockCount)
        self.file = file
        self.kind = kind
        names = scan.members.map(\.name)
        // Names are unique: the scan has seen to it.
        members = Dictionary(scan.members.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        root = Self.root(of: names)
        streamed = StreamedMembers(file, kind: kind, scan: scan)
    }

    /// What macOS puts into archives beside the files.
    private static func isForeign(_ name: ByteString) -> Bool {
        let last = name.bytes.split(separator: UInt8(ascii: "/")).last.map { ByteString(Array($0)) } ?? name
        return name.hasPrefix("__MACOSX/") || last.hasPrefix("._") || last == ".DS_Store"
    }

    private static func root(of names: [ByteString]) -> ByteString {
        let roots = names.filter { !isForeign($0) }.map { name in
            name.bytes.firstIndex(of: UInt8(ascii: "/")).map { ByteString(Array(name.bytes[...$0])) } ?? ""
        }
        guard let first = roots.first, roots.allSatisfy({ $0 == first }) else { return "" }
        return first
    }

    /// The files at the top, or in the one folder that holds everything.
    public var folder: some InputFolder { ArchiveFolder(archive: self) }

    /// What the folder is called in messages.
    var folderPath: String {
        root.isEmpty ? path : FileSystem.path(of: String(root.string.dropLast()), in: path)
    }

    /// The entries of the folder, sorted: files, and folders that have files in them.
    func entryNames() -> [ByteString] {
        let entries = names.filter { $0.hasPrefix(root) && !Self.isForeign($0) }.map { name in
            ByteString(Array(name.bytes.dropFirst(root.count).prefix { $0 != UInt8(ascii: "/") }))
        }
        return Set(entries).sorted()
    }

    /// The file `name` of the folder; nil where it is a folder or not there.
    func open(_ name: ByteString) -> InputFile? {
        guard let member = members[ByteString(root.bytes + name.bytes)] else { return nil }
        let memberPath = FileSystem.path(of: name.string, in: folderPath)
        switch member.storage {
        case .inPlace(let offset):
            return InputFile(file, range: offset..<offset + member.byteCount, path: memberPath)
        case .streamed(let firstBlock):
            let content = MemberContent(members: streamed, firstBlock: firstBlock)
            return InputFile(file, content: content, byteCount: member.byteCount, path: memberPath)
        }
    }

    /// Says in what order parts of the members will be read, so that compressed ones need few passes over the archive.
    public func plan(_ order: [(file: InputFile, range: Range<Int>)]) {
        guard order.contains(where: { $0.file.content is MemberContent }) else { return }
        streamed.plan(order.flatMap { ($0.file.content as? MemberContent)?.blocks(of: $0.range) ?? 0..<0 })
    }

    /// Passes over the archive that compressed members have taken so far.
    public var passCount: Int { streamed.passCount }

    /// The SHA-256 of a file of the folder whose bytes are compressed in the archive, by the path that it was opened with;
    /// all of them by one pass.
    public func streamedDigests(isCancelled: () -> Bool) throws -> [String: SHA256Digest] {
        let digests = try streamed.digests(isCancelled: isCancelled)
        return Dictionary(
            digests.map { (FileSystem.path(of: $0.key.string, in: path), $0.value) },
            uniquingKeysWith: { first, _ in first }
        )
    }
}
