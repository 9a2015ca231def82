/// A string of bytes that is compared, hashed and ordered as bytes.
///
/// Names in files are bytes: Swift's `String` would merge the composed and the decomposed spelling of one name, so
/// that two tensors become one. The bytes are UTF-8 wherever the format demands it (`isValidUTF8`).
public struct ByteString: Sendable, Hashable {
    public let bytes: [UInt8]

    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    public init(_ bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
    }

    public init(_ string: String) {
        self.bytes = Array(string.utf8)
    }

    public var count: Int { bytes.count }
    public var isEmpty: Bool { bytes.isEmpty }

    public var isValidUTF8: Bool { (try? UTF8Span(validating: bytes.span)) != nil }

    /// Whether a C0 control character or DEL is among the bytes: no name in a file has a use for one.
    public var hasControlCharacters: Bool { bytes.contains { $0 < 0x20 || $0 == 0x7F } }

    /// The text, with malformed UTF-8 repaired: for computing with text, not for showing it (see `description`).
    public var string: String { String(decoding: bytes, as: UTF8.self) }

    public func hasPrefix(_ prefix: ByteString) -> Bool { bytes.starts(with: prefix.bytes) }

    public func hasSuffix(_ suffix: ByteString) -> Bool {
        bytes.count >= suffix.bytes.count && bytes[(bytes.count - suffix.bytes.count)...].elementsEqual(suffix.bytes)
    }

    public func hash(into hasher: inout Hasher) {
        // The buffer is valid for the closure, which only reads it.
        unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        hasher.combine(bytes.count)
    }
}

extension ByteString: Comparable {
    public static func < (left: ByteString, right: ByteString) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension ByteString: ExpressibleByStringLiteral {
    public init(stringLiteral value: String) {
        self.init(value)
    }
}

extension ByteString: CustomStringConvertible {
    /// The text for a person: control characters are escaped, so that a name cannot drive a terminal.
    public var description: String {
        // Most names are plain ASCII, and a header may have many of them.
        if bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return string }
        var text = ""
        for scalar in string.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator:
                text += "\\u{\(String(scalar.value, radix: 16))}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
