internal import MMBytes

/// The names that members may have. Nothing is ever unpacked to a path, but whoever names a member `../x` means harm.
enum MemberName {
    /// The name without a leading "./" and, of a folder, without the slash at its end; nil for the top itself.
    static func checked(_ raw: ByteString, isFolder: Bool) throws(BrokenRule) -> ByteString? {
        if let rule = brokenCharacterRule(raw) { throw BrokenRule(rule) }
        var components = raw.bytes.split(separator: slash, omittingEmptySubsequences: false)
        while components.first == [dot], components.count > 1 { components.removeFirst() }
        if isFolder, components.last == [], components.count > 1 { components.removeLast() }
        if isFolder, components == [[dot]] || components == [[]] { return nil }
        for component in components {
            if component == [dot, dot] { throw BrokenRule(.parent) }
            if component.isEmpty || component == [dot] { throw BrokenRule(.emptyComponent) }
            if component.count > ArchiveLimits.componentByteCount { throw BrokenRule(.tooLong) }
        }
        return ByteString(Array(components.joined(separator: [slash])))
    }

    struct BrokenRule: Error {
        let rule: ArchiveError.NameRule

        init(_ rule: ArchiveError.NameRule) {
            self.rule = rule
        }
    }

    private static let slash = UInt8(ascii: "/")
    private static let dot = UInt8(ascii: ".")

    private static func brokenCharacterRule(_ name: ByteString) -> ArchiveError.NameRule? {
        let bytes = name.bytes
        guard bytes.count <= ArchiveLimits.nameByteCount else { return .tooLong }
        guard name.isValidUTF8 else { return .notUTF8 }
        if name.hasControlCharacters { return .controlCharacter }
        if bytes.contains(UInt8(ascii: "\\")) { return .backslash }
        if bytes.first == slash { return .absolute }
        if bytes.count >= 2, bytes[1] == UInt8(ascii: ":"), isLetter(bytes[0]) { return .driveLetter }
        return nil
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
