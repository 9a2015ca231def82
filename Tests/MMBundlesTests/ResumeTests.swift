import MMBundles
import MMBytes
import MMStorage
import MMTensors
import MMTestSupport
import Testing

import struct Foundation.Data
import struct Foundation.URL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A writer that is killed, and another that goes on from what it left.
@Suite(.serialized) struct ResumeTests {
    static let variable = "MMPACK_RESUME_FOLDER"
    static let shardByteCount = 2_000_000
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        setenv(Self.variable, folder.path, 1)
    }

    /// Five tensors of more than what a journal may lag behind; the fourth is larger than a part.
    static func source() -> SyntheticSource {
        SyntheticSource([
            ("a", .u8, [1_300_001]), ("b", .f32, [400, 1_000]), ("c", .q8_0, [1_200, 1_024]), ("d", .u8, [2_500_000]),
            ("e", .f32, [400, 1_000]), ("f", .f32, [10]),
        ])
    }

    static func write(_ source: SyntheticSource, folder: String, name: String = "x", resuming: Bool) throws {
        var options = BundleOptions(profile: .raw, shardByteCount: shardByteCount, width: 1)
        options.isResuming = resuming
        options.recipe = "test"
        _ = try BundleWriter(options: options).write(
            BundleWriting.content(source),
            to: "\(folder)/\(name).mmpack",
            provenance: { [:] },
            progress: { _ in }
        ).commit()
    }

    /// Kills a writer when it reads the last large tensor.
    private func killWriter() async throws {
        try await #require(processExitsWith: .signal(SIGKILL)) {
            var source = ResumeTests.source()
            source.killingTensor = 4
            let folder = String(cString: try #require(getenv(ResumeTests.variable)))
            try ResumeTests.write(source, folder: folder, resuming: false)
        }
        #expect(!folder.entries.isEmpty && folder.entries.allSatisfy { $0.hasPrefix(".x.mmpack.partial-") })
    }

    private func contents(_ name: String) throws -> [Data] {
        try folder.entries.filter { $0.hasPrefix("\(name)-") }.sorted().map {
            try Data(contentsOf: URL(fileURLWithPath: folder.path($0)))
        }
    }

    /// Goes on, and holds the outcome to that of a writer that nobody killed; gives the tensors that were read again.
    private func resume() throws -> Set<Int> {
        let source = Self.source()
        try Self.write(source, folder: folder.path, resuming: true)
        try Self.write(Self.source(), folder: folder.path, name: "y", resuming: false)
        #expect(try contents("x").count > 3)
        #expect(try contents("x") == contents("y"))
        #expect(folder.entries.allSatisfy { $0.hasSuffix(".mmpack") })
        _ = try Bundle.open(folder.path("x.mmpack")).verifyIntegrity(width: 1)
        return source.log.all
    }

    @Test func goesOnFromTheTensorThatWasNotFinished() async throws {
        try await killWriter()
        let read = try resume()
        // What was read ahead when the writer was killed was not written.
        #expect(read.isSuperset(of: [4, 5]) && read.isDisjoint(with: [0, 1]))
    }

    @Test func doesAgainWhatIsNotWhatTheJournalSays() async throws {
        try await killWriter()
        let largest = try folder.entries.max { try size($0) < size($1) }
        let name = try #require(largest)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: folder.path(name)))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(fileURLWithPath: folder.path(name)), options: [])
        let read = try resume()
        #expect(read.isSuperset(of: [4, 5]) && read.count > 2 && read.count <= 6)
    }

    private func size(_ name: String) throws -> Int {
        try Data(contentsOf: URL(fileURLWithPath: folder.path(name))).count
    }

    @Test func aFileThatIsGoneIsWrittenAgain() async throws {
        try await killWriter()
        for name in folder.entries where try size(name) > 1_000_000 { unlink(folder.path(name)) }
        #expect(try resume() == Set(0...5))
    }

    @Test func aJournalCutAnywhereIsGoneOnFrom() async throws {
        try await killWriter()
        let journal = try #require(try folder.entries.first { try size($0) < 100_000 && size($0) > 0 })
        let count = try size(journal)
        #expect(truncate(folder.path(journal), off_t(count * 2 / 3)) == 0)
        #expect(try resume().isSuperset(of: [4, 5]))
    }

    @Test func anotherJobStartsAnew() async throws {
        try await killWriter()
        var source = Self.source()
        source = SyntheticSource(source.tensors.map { ($0.name.string, $0.type, $0.shape.dimensions) }.reversed())
        try Self.write(source, folder: folder.path, resuming: true)
        #expect(source.log.all == Set(0...5))
        _ = try Bundle.open(folder.path("x.mmpack")).verifyIntegrity(width: 1)
        #expect(folder.entries.allSatisfy { $0.hasSuffix(".mmpack") })
    }

    @Test func withoutResumingTheRestsAreSwept() async throws {
        try await killWriter()
        let source = Self.source()
        try Self.write(source, folder: folder.path, resuming: false)
        #expect(source.log.all == Set(0...5))
        #expect(folder.entries.allSatisfy { $0.hasSuffix(".mmpack") })
    }
}
