import MMCodecs
import Testing

@Suite struct DigestTests {
    /// FIPS 180-2, appendix B.
    @Test func sha256OfTheStandardsExamples() {
        #expect(
            SHA256Digest(of: Array("abc".utf8)).hexadecimal
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
        #expect(
            SHA256Digest(of: Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8)).hexadecimal
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        )
    }

    @Test func sha256InPiecesIsThatOfTheWhole() throws {
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var hasher = SHA256Hasher()
        for start in stride(from: 0, to: bytes.count, by: 777) {
            hasher.update(bytes.span.bytes.extracting(start..<min(bytes.count, start + 777)))
        }
        let digest = hasher.finalize()
        #expect(digest == SHA256Digest(of: bytes))
        #expect(SHA256Digest(digest.bytes) == digest)
        #expect(SHA256Digest(hexadecimal: digest.hexadecimal.utf8) == digest)
        #expect(SHA256Digest(hexadecimal: digest.hexadecimal.uppercased().utf8) == nil)
        #expect(SHA256Digest(hexadecimal: digest.hexadecimal.dropLast().utf8) == nil)
        #expect(SHA256Digest(digest.bytes.dropLast()) == nil)
    }

    /// Values of python-xxhash 3.
    @Test func xxh3OfKnownBytes() {
        #expect(XXH3.hash([UInt8]().span.bytes) == 0x2D06_8005_38D3_94C2)
        let bytes = (0..<5_000).map { UInt8(truncatingIfNeeded: $0) }
        let streaming = XXH3()
        for start in stride(from: 0, to: bytes.count, by: 333) {
            streaming.update(bytes.span.bytes.extracting(start..<min(bytes.count, start + 333)))
        }
        #expect(streaming.digest == XXH3.hash(bytes.span.bytes))
        streaming.reset()
        #expect(streaming.digest == 0x2D06_8005_38D3_94C2)
    }
}
