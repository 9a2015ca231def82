public import MMBytes

/// Why an archive is refused: as a whole, whichever member is at fault.
public struct ArchiveError: DiagnosedError {
    public enum Reason: Sendable, Hashable {
        /// In the words of libarchive, zlib or libzstd.
        case damaged(String)
        case outOfMemory
        case truncated(needed: Int, available: Int)
        /// The two blocks of zeros that end a tar archive.
        case noEnd
        case trailingBytes(offset: Int)
        case compressedTwice
        case noMembers
        case tooManyMembers(allowed: Int)
        case unsafeName(NameRule)
        case nameUnreadable
        case duplicate
        case notRegular(MemberType)
        case sparse
        case encrypted
        case method(String)
        case sizeUnknown
        case wrongByteCount(found: Int, stated: Int)
        case expandsTooFar(byteCount: Int, allowed: Int)
        case overlap(other: ByteString)
        /// What models are made of is not in it; what is, where it is known.
        case noModel(hint: String?)
        case severalModels([ByteString])
    }

    /// What a name of a member must not have.
    public enum NameRule: String, Sendable, Hashable {
        case absolute = "is absolute"
        case parent = "has \"..\" in it"
        case emptyComponent = "has an empty component or \".\" in it"
        case backslash = "has a backslash in it"
        case driveLetter = "begins with a drive letter"
        case controlCharacter = "has a control character in it"
        case notUTF8 = "is not UTF-8"
        case tooLong = "is longer than the 1024 bytes, or 255 a component, that are allowed"
    }

    public enum MemberType: String, Sendable, Hashable {
        case symbolicLink = "a symbolic link"
        case hardLink = "a hard link"
        case device = "a device"
        case pipe = "a FIFO or socket"
        case other = "of an unknown type"
    }

    public let reason: Reason
    public let path: String
    /// The member that it is about, where it is about one.
    public let member: ByteString?

    @inline(never)
    public init(_ reason: Reason, path: String, member: ByteString? = nil) {
        self.reason = reason
        self.path = path
        self.member = member
    }

    public var category: ErrorCategory {
        if case .outOfMemory = reason { .tryAgain } else { .badData }
    }

    public var description: String {
        let about = member.map { ": member \"\($0)\"" } ?? ""
        return "\(ByteString(path))\(about): \(reason.text)"
    }

    /// The rule that is broken, in the words of the fixtures.
    public var reasonName: String {
        switch reason {
        case .damaged: "damaged"
        case .outOfMemory: "out-of-memory"
        case .truncated, .noEnd: "truncated"
        case .trailingBytes: "trailing-bytes"
        case .compressedTwice: "compressed-twice"
        case .noMembers: "no-members"
        case .tooManyMembers: "too-many-members"
        case .unsafeName, .nameUnreadable: "unsafe-name"
        case .duplicate: "duplicate-name"
        case .notRegular: "not-a-file"
        case .sparse: "sparse"
        case .encrypted: "encrypted"
        case .method: "other-method"
        case .sizeUnknown, .wrongByteCount: "wrong-size"
        case .expandsTooFar: "expands-too-far"
        case .overlap: "overlap"
        case .noModel: "no-model"
        case .severalModels: "several-models"
        }
    }
}

extension ArchiveError.Reason {
    fileprivate var text: String {
        switch self {
        case .damaged(let words): "the archive is damaged: \(ByteString(words))"
        case .outOfMemory: "not enough memory to read the archive"
        case .truncated(let needed, let available): "cut off: \(needed) bytes needed, \(available) there"
        case .noEnd: "cut off: the two blocks of zeros that end a tar archive are missing"
        case .trailingBytes(let offset):
            "bytes after the end of the archive, from \(offset) on; zeros, at most 1 MiB of them, are allowed"
        case .compressedTwice: "holds another compressed file and no tar archive; one compression is read"
        case .noMembers: "holds no file"
        case .tooManyMembers(let allowed): "holds more than the \(allowed) members that are allowed"
        case .unsafeName(let rule): "the name \(rule.rawValue); such an archive is refused as a whole"
        case .nameUnreadable: "a member's name is not UTF-8; such an archive is refused as a whole"
        case .duplicate: "the name stands twice in the archive, which is refused as a whole"
        case .notRegular(let type): "is \(type.rawValue); files and folders are allowed, and the archive is refused"
        case .sparse: "is stored with holes; files that are stored whole are read"
        case .encrypted: "is encrypted; what is not is read"
        case .method(let name): "is compressed by \(ByteString(name)); stored and deflated members are read"
        case .sizeUnknown: "its size is not stated"
        case .wrongByteCount(let found, let stated): "holds \(found) bytes or more; \(stated) are stated"
        case .expandsTooFar(let byteCount, let allowed):
            "unpacks to \(byteCount) bytes or more; \(allowed) are allowed for its size"
        case .overlap(let other): "shares bytes with \"\(other)\""
        case .noModel(let hint):
            "holds no model: no .safetensors, .gguf or .mmpack at its top or in its one folder"
                + (hint.map { " (\($0))" } ?? "")
        case .severalModels(let names):
            "holds several models, \(names.map { "\"\($0)\"" }.joined(separator: ", ")); one is read"
        }
    }
}
