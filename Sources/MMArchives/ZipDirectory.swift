internal import MMBytes
internal import MMStorage

/// The names in the central directory of a zip archive (APPNOTE.TXT 4.3.12 to 4.3.16), as they stand there.
///
/// libarchive reads the archive; this is for what it hides: it turns backslashes into slashes, and of two members on one
/// local header it shows one.
struct ZipDirectory {
    let names: [ByteString]

    /// Most bytes of a directory: 100,000 members with names and extra fields.
    private static let byteCountLimit = 64 << 20
    private static let endByteCount = 22
    private static let end: [UInt8] = [0x50, 0x4B, 0x05, 0x06]
    private static let wideLocator: [UInt8] = [0x50, 0x4B, 0x06, 0x07]
    private static let wideLocatorByteCount = 20
    private static let wideEnd: [UInt8] = [0x50, 0x4B, 0x06, 0x06]
    private static let wideEndByteCount = 56
    private static let entry: [UInt8] = [0x50, 0x4B, 0x01, 0x02]
    private static let entryByteCount = 46

    /// Throws `ArchiveError` where there is no directory, or where it is not what its end says.
    init(_ file: InputFile) throws {
        let place = try Self.place(in: file)
        guard place.byteCount <= Self.byteCountLimit, place.count <= ArchiveLimits.memberCount else {
            throw ArchiveError(.tooManyMembers(allowed: ArchiveLimits.memberCount), path: file.path)
        }
        guard place.byteCount <= file.byteCount, place.offset <= file.byteCount - place.byteCount else {
            throw ArchiveError(
                .truncated(needed: place.offset.adding(place.byteCount) ?? .max, available: file.byteCount),
                path: file.path
            )
        }
        let bytes = try file.bytes(at: place.offset, byteCount: place.byteCount)
        var names: [ByteString] = []
        var position = 0
        while position < bytes.count {
            guard bytes.count - position >= Self.entryByteCount, bytes[position...].starts(with: Self.entry) else {
                throw Self.damaged("its directory holds something else than members", file)
            }
            let nameByteCount = Self.little(bytes, position + 28, 2)
            let rest = Self.little(bytes, position + 30, 2) + Self.little(bytes, position + 32, 2)
            let nameStart = position + Self.entryByteCount
            // Three 16-bit lengths: no overflow.
            guard nameByteCount + rest <= bytes.count - nameStart else {
                throw Self.damaged("a member of its directory ends behind it", file)
            }
            names.append(ByteString(Array(bytes[nameStart..<nameStart + nameByteCount])))
            position = nameStart + nameByteCount + rest
        }
        guard names.count == place.count else {
            throw Self.damaged("its directory has \(names.count) members and says \(place.count)", file)
        }
        self.names = names
    }

    private struct Place {
        let count: Int
        let byteCount: Int
        let offset: Int
    }

    /// What the end of the file says of the directory.
    private static func place(in file: InputFile) throws -> Place {
        let tailByteCount = min(file.byteCount, endByteCount + 65_535)
        let tailStart = file.byteCount - tailByteCount
        let tail = try file.bytes(at: tailStart, byteCount: tailByteCount)
        let starts = stride(from: tail.count - endByteCount, through: 0, by: -1)
        let found = starts.first { start in
            tail[start...].starts(with: end) && little(tail, start + 20, 2) == tail.count - start - endByteCount
        }
        guard let found else { throw damaged("the end of a zip archive's directory is missing", file) }
        let narrow = Place(
            count: little(tail, found + 10, 2),
            byteCount: little(tail, found + 12, 4),
            offset: little(tail, found + 16, 4)
        )
        guard narrow.count == 0xFFFF || narrow.byteCount == 0xFFFF_FFFF || narrow.offset == 0xFFFF_FFFF else {
            return narrow
        }
        return try widePlace(in: file, endOffset: tailStart + found) ?? narrow
    }

    /// The same of ZIP64; nil where the archive is none.
    private static func widePlace(in file: InputFile, endOffset: Int) throws -> Place? {
        guard endOffset >= wideLocatorByteCount else { return nil }
        let locator = try file.bytes(at: endOffset - wideLocatorByteCount, byteCount: wideLocatorByteCount)
        guard locator.starts(with: wideLocator) else { return nil }
        let offset = little(locator, 8, 8)
        guard offset <= endOffset - wideEndByteCount else { throw damaged("its ZIP64 end lies behind it", file) }
        let record = try file.bytes(at: offset, byteCount: wideEndByteCount)
        guard record.starts(with: wideEnd) else { throw damaged("its ZIP64 end is missing", file) }
        return Place(
            count: little(record, 32, 8),
            byteCount: little(record, 40, 8),
            offset: little(record, 48, 8)
        )
    }

    /// Little-endian; what does not fit 63 bits is as much as does.
    private static func little(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> Int {
        Int(clamping: (0..<count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(bytes[offset + $1]) })
    }

    private static func damaged(_ words: String, _ file: InputFile) -> ArchiveError {
        ArchiveError(.damaged(words), path: file.path)
    }
}
