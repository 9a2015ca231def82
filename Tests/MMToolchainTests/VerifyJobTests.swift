import MMBundles
import MMBytes
import MMTestSupport
import MMToolchain
import Testing

/// What verify's stages say where there is little to go by.
@Suite struct VerifyJobTests {
    /// A bundle of one tensor "w" whose ledger says that `claimed` were taken over.
    private static func bundle(claiming claimed: [ByteString], in folder: TemporaryFolder) throws -> String {
        let source = MemorySource([try #require(.init("w", [2], [1, 2]))])
        let content = BundleContent(
            source: source,
            roles: ["unknown"],
            components: ["other"],
            sourceNames: ["w"],
            model: ["architecture": .null],
            ledger: ["claimed": .array(claimed.map { ["name": .string($0), "source": .string($0)] })],
            assets: []
        )
        let path = folder.path("out.mmpack")
        let writer = BundleWriter(options: BundleOptions(profile: .raw, width: 1))
        _ = try writer.write(content, to: path, provenance: { [:] }, progress: { _ in }).commit()
        return path
    }

    private static func verify(_ bundle: String, against source: String? = nil) throws -> VerifyReport {
        try VerifyJob.run(bundlePath: bundle, sourcePath: source, options: VerifyOptions(width: 1)) { _ in }
    }

    @Test(arguments: [([], false), (["v"], false), (["w", "v"], false), (["w"], true)] as [([ByteString], Bool)])
    func coverageHoldsTheTensorsToTheLedger(claimed: [ByteString], passes: Bool) throws {
        let folder = try TemporaryFolder()
        let report = try Self.verify(try Self.bundle(claiming: claimed, in: folder))
        #expect(report.stages.map(\.name) == [.integrity, .coverage, .tensors, .behaviour])
        #expect(report.stages[1].verdict == (passes ? .passed : .failed))
        #expect(report.isPassed == passes)
    }

    @Test func aRecipeThatWasNotRunAgainReproducesNothing() throws {
        let folder = try TemporaryFolder()
        let bundle = try Self.bundle(claiming: ["w"], in: folder)
        let tensors = try Self.verify(bundle, against: bundle).stages[2]
        #expect(tensors.verdict == .passed)
        #expect(tensors.figures["compared"] == 1)
        #expect(tensors.figures["reproduced"] == .null)
    }
}
