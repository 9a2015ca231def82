import MMBundles
import MMBytes
import MMStorage
import MMTensors
import MMTestSupport
import Testing

import struct Foundation.Data
import class Foundation.FileManager
import struct Foundation.URL

@Suite struct BundleOutputTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func keepsAnExistingOutputWithoutReplacing() throws {
        let path = try folder.file("x.mmpack", [1, 2, 3])
        #expect(throws: FileError(.exists, path: path)) {
            try BundleWriting.write(BundleWriting.smallSource(), to: path)
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data([1, 2, 3]))
        #expect(folder.entries == ["x.mmpack"])
    }

    @Test func aFailureLeavesTheOldOutputAndNothingElse() throws {
        let path = try folder.file("x.mmpack", [1, 2, 3])
        for failing in [0, 3, 5] {
            var source = BundleWriting.smallSource()
            source.failingTensor = failing
            #expect(throws: SyntheticSource.Failure.self) {
                try BundleWriting.write(source, to: path, replacing: true)
            }
            #expect(folder.entries == ["x.mmpack"])
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data([1, 2, 3]))
    }

    @Test func replacingRemovesTheOlderBundleWhole() throws {
        let path = folder.path("x.mmpack")
        let set = try BundleWriting.write(BundleWriting.smallSource(), to: path, shardByteCount: 40_000)
        #expect(set.paths.count == 3)
        #expect(throws: FileError.self) { try BundleWriting.write(BundleWriting.smallSource(), to: path) }
        _ = try BundleWriting.write(BundleWriting.smallSource(seed: 2), to: path, replacing: true)
        #expect(folder.entries == ["x.mmpack"])
        _ = try BundleWriting.write(BundleWriting.smallSource(), to: path, shardByteCount: 40_000, replacing: true)
        #expect(folder.entries == (1...3).map { "x-0000\($0)-of-00003.mmpack" })
    }

    @Test func appearsOnlyWithTheCommit() throws {
        let path = folder.path("x.mmpack")
        do {
            let pending = try BundleWriting.pending(
                BundleWriting.content(BundleWriting.smallSource()),
                to: path,
                shardByteCount: 40_000
            )
            #expect(!folder.entries.contains { $0.hasSuffix(".mmpack") })
            _ = try pending.open().verifyIntegrity(width: 2)
        }
        #expect(folder.entries.isEmpty)
        let pending = try BundleWriting.pending(BundleWriting.content(BundleWriting.smallSource()), to: path)
        let open = try pending.open()
        _ = try pending.commit()
        #expect(folder.entries == ["x.mmpack"])
        _ = try open.verifyIntegrity(width: 2)
        #expect(throws: BundleError.self) { try pending.commit() }
        pending.discard()
        #expect(folder.entries == ["x.mmpack"])
    }

    @Test func namesATensorThatNoShardHolds() throws {
        let error = #expect(throws: BundleError.self) {
            try BundleWriting.write(
                BundleWriting.smallSource(),
                to: folder.path("x.mmpack"),
                profile: .raw,
                shardByteCount: 30_000
            )
        }
        #expect(error?.subject == "embed")
        #expect(folder.entries.isEmpty)
    }

    @Test func refusesContentThatNoBundleHolds() throws {
        let source = BundleWriting.smallSource()
        let path = folder.path("x.mmpack")
        let twins = SyntheticSource([("a", .f32, [1]), ("a", .f32, [1])])
        #expect(throws: BundleError(.duplicateName, subject: "a")) { try BundleWriting.write(twins, to: path) }
        var bad = source
        bad.assets = [Asset(name: "../x", bytes: [])]
        #expect(throws: BundleError(.badName, subject: "../x")) { try BundleWriting.write(bad, to: path) }
        #expect(throws: BundleError.self) {
            try BundleWriter(options: BundleOptions(profile: .raw, width: 1)).write(
                BundleWriting.content(source),
                to: path,
                provenance: { "text" },
                progress: { _ in }
            )
        }
        #expect(folder.entries.isEmpty)
    }

    @Test func holdsNoTensorsAtAll() throws {
        let path = folder.path("none.mmpack")
        _ = try BundleWriting.write(SyntheticSource([]), to: path)
        let bundle = try Bundle.open(path)
        #expect(bundle.tensors.isEmpty)
        _ = try bundle.verifyIntegrity(width: 2)
    }
}
