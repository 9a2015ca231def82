import MMBytes
import MMReference
import MMTestSupport
import Testing

/// Goldens under fixtures/images, made with Pillow and transformers.
enum ImageGolden {
    static func json(_ name: String) throws -> JSONValue {
        try JSONValue(parsing: try Fixture.bytes("images/\(name)"))
    }

    static func picture(_ name: String) throws -> Picture {
        try Picture(path: Fixture.path("images/good/\(name)"))
    }

    static func bytes(hexadecimal text: ByteString) -> [UInt8] {
        stride(from: 0, to: text.count, by: 2).compactMap {
            UInt8(String(decoding: text.bytes[$0..<$0 + 2], as: UTF8.self), radix: 16)
        }
    }

    static func integer(_ value: JSONValue, _ key: ByteString) throws -> Int {
        try #require(value[key]?.integer)
    }

    static func string(_ value: JSONValue, _ key: ByteString) throws -> String {
        try #require(value[key]?.string).string
    }

    /// The digest of the values as they lie in memory, little-endian f32.
    static func digest(_ values: [Float]) -> String {
        Digest.sha256(
            values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) } }
        )
    }
}
