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

    /// Every length up to five blocks, and every kind of rest beside it.
    @Test func instructionsAgreeWithTheLibrary() {
        let bytes = Self.bytes(301)
        for count in 0...300 {
            var own = SHA256Hasher()
            own.update(bytes.span.bytes.extracting(0..<count))
            #expect(own.finalize() == Self.library(bytes.prefix(count)), "\(count) bytes")
        }
    }

    @Test func anySplitGivesTheSameDigest() {
        let bytes = Self.bytes(5_000)
        let expected = Self.library(bytes[...])
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var own = SHA256Hasher()
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count, start + Int.random(in: 0...300, using: &random))
                own.update(bytes.span.bytes.extracting(start..<end))
                start = end
            }
            #expect(own.finalize() == expected)
        }
    }

    /// One library and one message by instructions take the other way through the same function.
    @Test(arguments: [true, false])
    func twoAtOnceAreEachTheirOwn(withInstructions: Bool) {
        let bytes = Self.bytes(4_000)
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var first = SHA256Hasher()
            var second = SHA256Hasher(withInstructions: withInstructions)
            var firstCount = 0
            var secondCount = 0
            for _ in 0..<8 {
                let firstEnd = firstCount + Int.random(in: 0...400, using: &random)
                let secondEnd = secondCount + Int.random(in: 0...400, using: &random)
                SHA256Hasher.update(
                    &first,
                    bytes.span.bytes.extracting(firstCount..<firstEnd),
                    and: &second,
                    bytes.span.bytes.extracting(secondCount..<secondEnd)
                )
                (firstCount, secondCount) = (firstEnd, secondEnd)
            }
            #expect(first.finalize() == Self.library(bytes.prefix(firstCount)))
            #expect(second.finalize() == Self.library(bytes.prefix(secondCount)))
        }
    }

    private static func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 37 &+ $0 >> 3) }
    }

    private static func library(_ bytes: ArraySlice<UInt8>) -> SHA256Digest {
        var hasher = SHA256Hasher(withInstructions: false)
        hasher.update(Array(bytes).span.bytes)
        return hasher.finalize()
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
