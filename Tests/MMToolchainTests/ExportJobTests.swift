import Foundation
import MMBundles
import MMTestSupport
import MMToolchain
import Testing

@Suite struct ExportJobTests {
    @Test func aDamagedRawTensorIsNotExported() throws {
        let folder = try TemporaryFolder()
        let job = ExportJob(
            bundlePath: try Self.damagedBundle(in: folder),
            folder: folder.path("out"),
            type: nil,
            isReplacing: false,
            width: 1
        )
        #expect(throws: BundleError.self) { try job.run { _ in } }
        #expect(folder.entries == ["a.mmpack", "b.mmpack"])
    }

    /// Else the damage would be sealed under new digests, and verify would find nothing wrong with it.
    @Test func aDamagedRawTensorIsNotConverted() throws {
        let folder = try TemporaryFolder()
        let options = WriteOptions(
            sourcePath: try Self.damagedBundle(in: folder),
            outputPath: folder.path("c.mmpack"),
            width: 2
        )
        #expect(throws: BundleError.self) { try WriteJob(options).run { _ in } }
        #expect(folder.entries == ["a.mmpack", "b.mmpack"])
    }

    @Test func aDamagedRawTensorIsNotRun() throws {
        let folder = try TemporaryFolder()
        let damaged = try Self.damagedBundle(in: folder)
        #expect(throws: BundleError.self) { try GenerationSession(path: damaged, width: 1) }
    }

    /// b.mmpack: raw, with one bit of its first tensor changed.
    private static func damagedBundle(in folder: TemporaryFolder) throws -> String {
        var options = WriteOptions(
            sourcePath: Fixture.path("oracles/llama-tied"),
            outputPath: folder.path("a.mmpack"),
            width: 1
        )
        options.profile = .raw
        _ = try WriteJob(options).run { _ in }
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: options.outputPath)))
        // In the first tensor, which begins behind the header page.
        bytes[20_000] ^= 1
        return try folder.file("b.mmpack", bytes)
    }
}
