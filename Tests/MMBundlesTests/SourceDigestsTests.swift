import MMBundles
import MMCodecs
import MMStorage
import MMTensors
import MMTestSupport
import Testing

@Suite struct SourceDigestsTests {
    /// Sizes around the slices that a file is read in, empty files between and behind.
    private static let byteCounts = [3, 0, (1 << 20) - 1, 2 << 20, 0]

    @Test func areThoseOfEachFileWhateverIsHashedBeside() throws {
        let folder = try TemporaryFolder()
        var files: [SourceFile] = []
        var expected: [SHA256Digest] = []
        for (index, byteCount) in Self.byteCounts.enumerated() {
            let bytes = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 13 &+ index) }
            files.append(SourceFile(name: "\(index)", file: try InputFile(path: try folder.file("\(index)", bytes))))
            expected.append(SHA256Digest(of: bytes))
        }
        #expect(try SourceDigests(files).finish() == expected)

        let digests = SourceDigests(files)
        let tensor = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var hasher = SHA256Hasher()
        for start in stride(from: 0, to: tensor.count, by: 700_001) {
            let end = min(tensor.count, start + 700_001)
            let share = Double(end) / Double(tensor.count)
            try digests.update(&hasher, tensor.span.bytes.extracting(start..<end), share: share)
        }
        #expect(hasher.finalize() == SHA256Digest(of: tensor))
        #expect(try digests.finish() == expected)
    }

    @Test func failEachTimeWhenAFileBecameShorter() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("file", [UInt8](repeating: 1, count: 100_000))
        let file = SourceFile(name: "file", file: try InputFile(path: path))
        _ = try folder.file("file", [])
        let digests = SourceDigests([file])
        for _ in 0..<2 {
            #expect(throws: FileError(.changedWhileReading, path: path)) { try digests.finish() }
        }
    }
}
