internal import MMBytes
internal import MMStorage

/// The first pass over an archive: every member is looked at, and everything that has a checksum is held to it.
struct ArchiveScan {
    private let file: InputFile
    private let kind: ArchiveKind
    private(set) var members: [ArchiveMember] = []
    /// The first blocks of what is compressed, as many as fit.
    private(set) var collector: BlockCollector
    private(set) var blockCount = 0
    private var names: Set<ByteString> = []
    private var folders: Set<ByteString> = []
    private var entryCount = 0
    private var unpackedByteCount = 0
    /// Where the last member's data end.
    private var end = 0

    init(_ file: InputFile, kind: ArchiveKind, keptBlockCount: Int) throws {
        self.file = file
        self.kind = kind
        // No more than there can be: most archives are small.
        let unpackedBlockCount = BlockStore.count(of: ArchiveLimits.unpackedByteCount(of: file.byteCount))
        collector = BlockCollector(BlockStore(count: min(keptBlockCount, unpackedBlockCount)))
        let directory = try kind == .zip ? ZipDirectory(file) : nil
        for name in directory?.names ?? [] { try checkRaw(name) }
        if directory?.names.isEmpty == true { throw ArchiveError(.noMembers, path: file.path) }
        let reader = try ArchiveReader(file, kind: kind)
        while let entry = try reader.next() { try take(entry, from: reader) }
        if let stated = directory?.names.count, stated != entryCount {
            let words = "its directory has \(stated) members, of which \(entryCount) can be read"
            throw ArchiveError(.damaged(words), path: file.path)
        }
        if kind != .zip, reader.position - end < 1_024 { throw ArchiveError(.noEnd, path: file.path) }
        try reader.finish()
        guard !members.isEmpty else { throw ArchiveError(.noMembers, path: file.path) }
        if kind == .zip { try checkOverlaps() }
        try file.checkUnchanged()
    }

    private mutating func take(_ entry: ArchiveEntry, from reader: ArchiveReader) throws {
        entryCount += 1
        guard entryCount <= ArchiveLimits.memberCount else {
            throw ArchiveError(.tooManyMembers(allowed: ArchiveLimits.memberCount), path: file.path)
        }
        guard let name = try checkedName(of: entry) else { return }
        guard case .file = entry.kind else {
            folders.insert(name)
            end = max(end, entry.dataOffset)
            return
        }
        if entry.isEncrypted { throw error(.encrypted, name) }
        if entry.isSparse { throw error(.sparse, name) }
        guard let byteCount = entry.byteCount else { throw error(.sizeUnknown, name) }
        switch kind {
        case .tar: try takeInPlace(name, byteCount, at: entry.dataOffset)
        case .tarGzip, .tarZstandard: try takeStreamed(name, byteCount, from: reader)
        case .zip where entry.isStored:
            try takeInPlace(name, byteCount, at: entry.dataOffset)
            // For its CRC.
            try reader.data(byteCount, of: name) { _ in }
        case .zip where entry.isDeflated: try takeStreamed(name, byteCount, from: reader)
        case .zip: throw error(.method(entry.method ?? "?"), name)
        }
        end = (entry.dataOffset.adding(byteCount) ?? .max).roundedUp(toMultipleOf: 512) ?? .max
    }

    /// The name as it stands in the directory of a zip.
    private func checkRaw(_ name: ByteString) throws {
        do {
            _ = try MemberName.checked(name, isFolder: name.hasSuffix("/"))
        } catch {
            throw self.error(.unsafeName(error.rule), name)
        }
    }

    /// The name of a file or folder that nothing else has; nil for the top itself.
    private mutating func checkedName(of entry: ArchiveEntry) throws -> ByteString? {
        guard let raw = entry.name else { throw ArchiveError(.nameUnreadable, path: file.path) }
        let name: ByteString?
        do {
            if case .folder = entry.kind {
                name = try MemberName.checked(raw, isFolder: true)
            } else {
                name = try MemberName.checked(raw, isFolder: false)
            }
        } catch {
            throw self.error(.unsafeName(error.rule), raw)
        }
        if case .other(let type) = entry.kind { throw error(.notRegular(type), raw) }
        guard let name else { return nil }
        if case .file = entry.kind {
            guard names.insert(name).inserted, !folders.contains(name) else { throw error(.duplicate, name) }
        } else if names.contains(name) {
            throw error(.duplicate, name)
        }
        for folder in Self.folders(above: name) {
            if names.contains(folder) { throw error(.duplicate, folder) }
            folders.insert(folder)
        }
        return name
    }

    private static func folders(above name: ByteString) -> [ByteString] {
        name.bytes.indices.filter { name.bytes[$0] == UInt8(ascii: "/") }.map { ByteString(Array(name.bytes[..<$0])) }
    }

    private mutating func takeInPlace(_ name: ByteString, _ byteCount: Int, at offset: Int) throws {
        guard byteCount <= file.byteCount, offset <= file.byteCount - byteCount else {
            throw error(.truncated(needed: offset.adding(byteCount) ?? .max, available: file.byteCount), name)
        }
        members.append(ArchiveMember(name: name, byteCount: byteCount, storage: .inPlace(offset: offset)))
    }

    private mutating func takeStreamed(_ name: ByteString, _ byteCount: Int, from reader: ArchiveReader) throws {
        let allowed = ArchiveLimits.unpackedByteCount(of: file.byteCount)
        guard byteCount <= allowed - unpackedByteCount else {
            throw error(
                .expandsTooFar(byteCount: unpackedByteCount.adding(byteCount) ?? .max, allowed: allowed),
                name
            )
        }
        unpackedByteCount += byteCount
        members.append(
            ArchiveMember(name: name, byteCount: byteCount, storage: .streamed(firstBlock: blockCount))
        )
        collector.begin(firstBlock: blockCount)
        try reader.data(byteCount, of: name) { collector.append($0) }
        collector.end()
        blockCount += BlockStore.count(of: byteCount)
    }

    /// Many members of a zip on the same bytes are a bomb.
    private func checkOverlaps() throws {
        var previous: (name: ByteString, end: Int)?
        let placed = members.compactMap { member -> (name: ByteString, offset: Int, end: Int)? in
            guard case .inPlace(let offset) = member.storage, member.byteCount > 0 else { return nil }
            return (member.name, offset, offset + member.byteCount)
        }
        for member in placed.sorted(by: { ($0.offset, $0.name) < ($1.offset, $1.name) }) {
            if let previous, member.offset < previous.end { throw error(.overlap(other: previous.name), member.name) }
            previous = (member.name, member.end)
        }
    }

    private func error(_ reason: ArchiveError.Reason, _ member: ByteString) -> ArchiveError {
        ArchiveError(reason, path: file.path, member: member)
    }
}
