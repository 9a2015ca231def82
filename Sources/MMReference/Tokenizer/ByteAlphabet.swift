/// The printable alphabet in which byte-level vocabularies spell bytes.
///
/// Source: `bytes_to_unicode` of GPT-2's encoder (Radford et al., 2019): the printable bytes 0x21...0x7E, 0xA1...0xAC
/// and 0xAE...0xFF stand for themselves as scalars; the other 68, in order, are U+0100 and up.
enum ByteAlphabet {
    /// The UTF-8 spelling of each byte; the second byte is 0 where the first is the whole spelling.
    static let spellings: [(UInt8, UInt8)] = scalars.map { scalar in
        scalar < 0x80 ? (UInt8(scalar), 0) : (UInt8(0xC0 | scalar >> 6), UInt8(0x80 | scalar & 0x3F))
    }

    /// The scalar of each byte, all below U+0144.
    private static let scalars: [UInt32] = {
        var scalars: [UInt32] = []
        var extra: UInt32 = 0x100
        for byte in UInt32(0)..<256 {
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: scalars.append(byte)
            default:
                scalars.append(extra)
                extra += 1
            }
        }
        return scalars
    }()

    /// The byte of each scalar below U+0144, or nil.
    private static let bytes: [UInt8?] = {
        var bytes = [UInt8?](repeating: nil, count: 0x144)
        for (byte, scalar) in scalars.enumerated() { bytes[Int(scalar)] = UInt8(byte) }
        return bytes
    }()

    /// Appends the spelling of `bytes`.
    static func append(_ bytes: Span<UInt8>, to text: inout [UInt8]) {
        for index in bytes.indices {
            let (first, second) = spellings[Int(bytes[index])]
            text.append(first)
            if second != 0 { text.append(second) }
        }
    }

    /// The bytes that a token spells; nil when it holds a scalar outside the alphabet. `text` is valid UTF-8.
    static func bytes(spelledBy text: [UInt8]) -> [UInt8]? {
        let span = text.span
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var position = 0
        while position < span.count {
            let (scalar, length) = span.scalar(at: position)
            guard scalar < 0x144, let byte = bytes[Int(scalar)] else { return nil }
            result.append(byte)
            position += length
        }
        return result
    }
}
