import Foundation
import MMBundles
import MMTestSupport
import MMToolchain
import Testing

@Suite struct ExportJobTests {
    @Test func aDamagedRawTensorIsNotExported() throws {
        let folder = try TemporaryFolder()
        var options = WriteOptions(
            sourcePath: Fixture.path("oracles/llama-tied"),
            outputPath: folder.path("a.mmpack"),
            width: 1
        )
        options.encoding = .raw
        _ = try WriteJob(options).run { _ in }
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: options.outputPath)))
        // In the first tensor, which begins behind the header page.
        bytes[20_000] ^= 1
        let damaged = try folder.file("b.mmpack", bytes)
        let job = ExportJob(
            bundlePath: damaged,
            folder: folder.path("out"),
            type: nil,
            isReplacing: false,
            width: 1
        )
        #expect(throws: BundleError.self) { try job.run { _ in } }
        #expect(folder.entries == ["a.mmpack", "b.mmpack"])
    }
}
