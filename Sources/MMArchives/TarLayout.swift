internal import MMBytes

/// A POSIX tar archive (IEEE 1003.1, pax) whose members' bytes begin at multiples of an alignment.
///
/// The space in front of a member is a pax header with a comment of the right length, which every reader of pax skips.
/// The same members give the same bytes: owner 0/0, mode 0644, one time for all.
public struct TarLayout: Sendable {
    public struct Placed: Sendable, Hashable {
        public let member: TarMember
        /// What comes before the member's bytes, from `headerOffset` on.
        public let header: [UInt8]
        public let headerOffset: Int
        public let dataOffset: Int
    }

    public let members: [Placed]
    /// Of the whole archive, its end of two zero blocks included.
    public let byteCount: Int

    static let blockByteCount = 512
    /// Most bytes that eleven octal digits say.
    static let sizeLimit = 0o77777777777
    private static let nameByteLimit = 100

    /// Nil where a size does not fit 63 bits.
    ///
    /// - Parameters:
    ///   - members: in the order in which they are to lie; their names are unique.
    ///   - alignment: a power of two that is a multiple of 512.
    ///   - modified: seconds since 1970, not negative.
    public init?(_ members: [TarMember], alignment: Int, modified: Int) {
        var placed: [Placed] = []
        var end = 0
        for member in members {
            let header = Self.header(of: member, at: end, alignment: alignment, modified: modified)
            guard let dataOffset = end.adding(header.count),
                let dataEnd = dataOffset.adding(member.byteCount)?.roundedUp(toMultipleOf: Self.blockByteCount)
            else { return nil }
            placed.append(Placed(member: member, header: header, headerOffset: end, dataOffset: dataOffset))
            end = dataEnd
        }
        guard let byteCount = end.adding(2 * Self.blockByteCount) else { return nil }
        self.members = placed
        self.byteCount = byteCount
    }

    private static func header(of member: TarMember, at offset: Int, alignment: Int, modified: Int) -> [UInt8] {
        let needed = records(for: member, modified: modified)
        let fields = Fields(
            name: shortName(member.name),
            byteCount: member.byteCount <= sizeLimit ? member.byteCount : 0,
            modified: modified <= sizeLimit ? modified : 0,
            type: "0"
        )
        if needed.isEmpty, (offset + blockByteCount) % alignment == 0 { return fields.block }
        // A block of the pax header's own and one of the member's, around the records.
        let least = (offset + 2 * blockByteCount + max(needed.count, 1)).roundedUp(toMultipleOf: blockByteCount)
        var start = least?.roundedUp(toMultipleOf: alignment) ?? offset
        // A comment takes at least "11 comment=\n" behind the records, and none is possible in less.
        if start - offset - 2 * blockByteCount - needed.count < 16 { start += alignment }
        let roomByteCount = start - offset - 2 * blockByteCount
        let records = needed + comment(byteCount: roomByteCount - needed.count)
        let extended = Fields(
            name: Array("PaxHeaders/".utf8) + shortName(member.name).prefix(nameByteLimit - 11),
            byteCount: records.count,
            modified: modified <= sizeLimit ? modified : 0,
            type: "x"
        )
        return extended.block + records + fields.block
    }

    /// What the fields of a plain header cannot say of the member.
    private static func records(for member: TarMember, modified: Int) -> [UInt8] {
        var records: [UInt8] = []
        if shortName(member.name) != member.name.bytes { records += record("path", member.name.bytes) }
        if member.byteCount > sizeLimit { records += record("size", Array(member.byteCount.description.utf8)) }
        if modified > sizeLimit { records += record("mtime", Array(modified.description.utf8)) }
        return records
    }

    /// ASCII that fits its field: the name itself if it is such.
    private static func shortName(_ name: ByteString) -> [UInt8] {
        name.bytes.prefix(nameByteLimit).map { $0 < 0x80 ? $0 : UInt8(ascii: "_") }
    }

    /// "LENGTH KEYWORD=VALUE\n", whose length counts its own digits.
    private static func record(_ keyword: String, _ value: [UInt8]) -> [UInt8] {
        let rest = keyword.utf8.count + value.count + 3
        var length = rest + 1
        while length.description.utf8.count + rest != length { length = length.description.utf8.count + rest }
        return Array("\(length) \(keyword)=".utf8) + value + [0x0A]
    }

    /// A comment of exactly `byteCount` bytes, at least 16.
    private static func comment(byteCount: Int) -> [UInt8] {
        // The length is known, so are its digits; "comment=", a space and a line end are the rest.
        let padding = byteCount - byteCount.description.utf8.count - 10
        return Array("\(byteCount) comment=".utf8) + Array(repeating: 0x20, count: max(0, padding)) + [0x0A]
    }

    /// A header block of ustar.
    private struct Fields {
        let name: [UInt8]
        let byteCount: Int
        let modified: Int
        let type: Unicode.Scalar

        var block: [UInt8] {
            var block = [UInt8](repeating: 0, count: blockByteCount)
            func put(_ bytes: some Sequence<UInt8>, at offset: Int) {
                for (index, byte) in bytes.enumerated() { block[offset + index] = byte }
            }
            func octal(_ value: Int, digits: Int) -> [UInt8] {
                let text = String(value, radix: 8)
                return Array((String(repeating: "0", count: digits - text.utf8.count) + text).utf8)
            }
            put(name, at: 0)
            put(octal(0o644, digits: 7), at: 100)
            put(octal(0, digits: 7), at: 108)
            put(octal(0, digits: 7), at: 116)
            put(octal(byteCount, digits: 11), at: 124)
            put(octal(modified, digits: 11), at: 136)
            put([UInt8](repeating: 0x20, count: 8), at: 148)
            put([UInt8(ascii: type)], at: 156)
            put(Array("ustar\u{0}00".utf8), at: 257)
            put(octal(0, digits: 7), at: 329)
            put(octal(0, digits: 7), at: 337)
            let sum = block.reduce(0) { $0 + Int($1) }
            put(octal(sum, digits: 6) + [0, 0x20], at: 148)
            return block
        }
    }
}
