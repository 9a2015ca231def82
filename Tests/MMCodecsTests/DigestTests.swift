import MMCodecs
import Testing

@Suite struct DigestTests {
    /// FIPS 180-4's example "abc", and the empty message (NIST CAVP).
    @Test func sha256AgreesWithThePublishedExamples() {
        #expect(
            SHA256Digest(of: Array("abc".utf8)).hexadecimal
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
        #expect(
            SHA256Digest(of: []).hexadecimal == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        )
    }

    @Test func hexadecimalGoesBothWays() throws {
        let digest = SHA256Digest(of: Array("abc".utf8))
        #expect(SHA256Digest(hexadecimal: Array(digest.hexadecimal.utf8)) == digest)
        #expect(SHA256Digest(hexadecimal: Array("ba78".utf8)) == nil)
        #expect(SHA256Digest(hexadecimal: Array(repeating: UInt8(ascii: "g"), count: 64)) == nil)
    }
}
