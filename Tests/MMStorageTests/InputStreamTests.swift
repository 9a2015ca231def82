import MMStorage
import MMTestSupport
import Testing

@Suite struct InputStreamTests {
    @Test func takesAFileUpToTheLimit() throws {
        let folder = try TemporaryFolder()
        let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }
        let path = try folder.file("text", bytes)
        #expect(try InputStream.bytes(path, limit: bytes.count) == bytes)
        #expect(try InputStream.bytes(path, limit: bytes.count - 1) == nil)
        #expect(try InputStream.bytes("/dev/zero", limit: 1_000_000) == nil)
        #expect(try InputStream.bytes("/dev/null", limit: 0) == [])
    }

    @Test func refusesAFolder() throws {
        let folder = try TemporaryFolder()
        #expect(throws: FileError.self) { try InputStream.bytes(folder.path, limit: 10) }
    }
}
