/// Bytes that are not what their format says: what was expected, what was found, at which offset.
public struct ParseError: DiagnosedError {
    public enum Reason: Sendable, Hashable {
        case truncated(needed: Int, available: Int)
        case tooLarge(what: String, found: UInt64, allowed: UInt64)
        case invalidUTF8
        case jsonUnexpected(found: UInt8?, expected: String)
        case jsonTooDeep(allowed: Int)
        case jsonDuplicateKey(ByteString)
        case jsonControlCharacter(UInt8)
        case jsonBadEscape
        case jsonLoneSurrogate
        case jsonBadNumber
        case jsonNotNatural
        case jsonTrailingBytes
        case jsonWrongType(member: String, expected: String)
    }

    public let reason: Reason
    /// Bytes from the start of what was parsed.
    public let offset: Int
    /// The file, where the thrower knew it.
    public var file: String?

    @inline(never)
    public init(_ reason: Reason, offset: Int, file: String? = nil) {
        self.reason = reason
        self.offset = offset
        self.file = file
    }

    public var category: ErrorCategory { .badData }

    /// The same error, told with the file it was found in.
    @inline(never)
    public func inFile(_ path: String) -> ParseError {
        ParseError(reason, offset: offset, file: file ?? path)
    }

    public var description: String {
        let place = file.map { "\(ByteString($0)): " } ?? ""
        return "\(place)offset \(offset): \(reason)"
    }
}

extension ParseError.Reason: CustomStringConvertible {
    /// What was found and what is allowed, without the place.
    public var description: String {
        switch self {
        case .truncated(let needed, let available): "ends early: \(needed) bytes needed, \(available) left"
        case .tooLarge(let what, let found, let allowed): "\(what) is \(found); at most \(allowed) is allowed"
        case .invalidUTF8: "text is not valid UTF-8"
        case .jsonUnexpected(let found, let expected):
            "JSON: found \(found.map(Self.spell) ?? "the end"), expected \(expected)"
        case .jsonTooDeep(let allowed): "JSON nests deeper than \(allowed) levels"
        case .jsonDuplicateKey(let key): "JSON object has the key \"\(key)\" twice"
        case .jsonControlCharacter(let byte): "JSON string holds the control character \(Self.spell(byte)) unescaped"
        case .jsonBadEscape: "JSON string holds an unknown escape"
        case .jsonLoneSurrogate: "JSON string holds half of a surrogate pair"
        case .jsonBadNumber: "JSON number is malformed or out of range"
        case .jsonNotNatural: "number is not a whole one from 0 to 2^64 - 1, written in digits only"
        case .jsonTrailingBytes: "JSON document is followed by other bytes"
        case .jsonWrongType(let member, let expected): "\"\(member)\" is not \(expected)"
        }
    }

    private static func spell(_ byte: UInt8) -> String {
        byte > 0x20 && byte < 0x7F ? "'\(Character(Unicode.Scalar(byte)))'" : "byte 0x\(String(byte, radix: 16))"
    }
}
