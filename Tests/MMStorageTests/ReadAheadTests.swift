import MMStorage
import MMTestSupport
import Testing

@Suite struct ReadAheadTests {
    @Test(arguments: [1, 7, 999, 1_000, 4_096])
    func givesTheWholeFileInOrder(sliceByteCount: Int) throws {
        let folder = try TemporaryFolder()
        let bytes = (0..<1_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let ahead = ReadAhead(
            try InputFile(path: try folder.file("file", bytes)),
            sliceByteCount: sliceByteCount,
            sliceCount: 3
        )
        var read: [UInt8] = []
        while let (buffer, byteCount) = try ahead.next() {
            let slice = buffer.bytes(byteCount)
            for offset in 0..<byteCount { read.append(slice.unsafeLoad(fromByteOffset: offset, as: UInt8.self)) }
        }
        #expect(read == bytes)
        #expect(try ahead.next() == nil)
    }

    @Test func hasNothingOfAnEmptyFile() throws {
        let folder = try TemporaryFolder()
        let file = try InputFile(path: try folder.file("file", []))
        #expect(try ReadAhead(file, sliceByteCount: 10, sliceCount: 2).next() == nil)
    }

    @Test func saysWhenTheFileBecomesShorter() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("file", [UInt8](repeating: 1, count: 1_000))
        let file = try InputFile(path: path)
        _ = try folder.file("file", [UInt8](repeating: 1, count: 500))
        let ahead = ReadAhead(file, sliceByteCount: 400, sliceCount: 2)
        #expect(throws: FileError(.changedWhileReading, path: path)) { while try ahead.next() != nil {} }
    }
}
