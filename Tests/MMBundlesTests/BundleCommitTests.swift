import MMBundles
import MMCodecs
import MMStorage
import MMTestSupport
import Testing

import struct Foundation.Data
import class Foundation.DispatchQueue
import class Foundation.FileManager
import struct Foundation.URL

/// A set that takes the place of another is there whole, or the other is, at every moment.
@Suite struct BundleCommitTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path("x.mmpack")
    }

    private func pending(seed: UInt64) throws -> PendingBundle {
        try BundleWriting.pending(
            BundleWriting.content(BundleWriting.smallSource(seed: seed)),
            to: path,
            shardByteCount: 40_000,
            replacing: true
        )
    }

    private func identity() throws -> SHA256Digest {
        let bundle = try Bundle.open(path)
        _ = try bundle.verifyIntegrity(width: 1)
        return bundle.manifest.identity
    }

    /// What a writer that is killed leaves: its files under temporary names, the record, and `renamed` parts renamed.
    private func killedCommit(seed: UInt64, renamed: Int, recorded: Bool = true) throws -> SHA256Digest {
        let pending = try pending(seed: seed)
        let identity = try pending.open().manifest.identity
        let finals = (1...3).map { folder.path("x-0000\($0)-of-00003.mmpack") }
        if recorded { try pending.writeCommitRecord(over: finals) }
        pending.relinquish()
        for (temporary, final) in zip(pending.partPaths, finals).prefix(renamed) {
            try FileSystem.replace(final, by: temporary)
        }
        return identity
    }

    @Test(arguments: 0...3)
    func aKilledCommitIsTheNewBundleToReadersAndTheNextWriterEndsIt(_ renamed: Int) throws {
        let old = try pending(seed: 1).commit()
        let new = try killedCommit(seed: 2, renamed: renamed)
        #expect(new != old.identity)
        #expect(try identity() == new)
        #expect(try Bundle.open(old.paths[2]).manifest.identity == new)
        let last = try pending(seed: 3)
        // The next writer has given the killed one's files their names, and has its own besides.
        #expect(try identity() == new)
        #expect(folder.entries.filter { $0.hasSuffix(".mmpack") } == (1...3).map { "x-0000\($0)-of-00003.mmpack" })
        let summary = try last.commit()
        #expect(try identity() == summary.identity)
        #expect(folder.entries == (1...3).map { "x-0000\($0)-of-00003.mmpack" })
    }

    @Test func withoutTheRecordTheOldBundleStays() throws {
        let old = try pending(seed: 1).commit()
        _ = try killedCommit(seed: 2, renamed: 0, recorded: false)
        #expect(try identity() == old.identity)
    }

    @Test func aRecordOfAnothersHandReachesNoOtherFile() throws {
        let old = try pending(seed: 1).commit()
        _ = try folder.file("precious", [1])
        for name in ["precious", "../x-00001-of-00003.mmpack", "y-00001-of-00003.mmpack"] {
            let record = "mmpack commit 1\0remove\0-\0\(name)"
            _ = try folder.file(".x.mmpack.commit", Array(record.utf8))
            #expect(try identity() == old.identity)
            _ = try pending(seed: 1).commit()
            #expect(folder.entries.contains("precious"))
        }
    }

    @Test func ofTwoWritersTheLastWinsWhole() throws {
        let pendings = try (1...6).map { try pending(seed: UInt64($0)) }
        let identities = try Set(pendings.map { try $0.open().manifest.identity })
        let path = path
        DispatchQueue.concurrentPerform(iterations: pendings.count) { index in
            _ = try? pendings[index].commit()
            // Whoever looks meanwhile may come between two names of a set that is new, but never gets a mixture.
            if let bundle = try? Bundle.open(path) { #expect(identities.contains(bundle.manifest.identity)) }
        }
        #expect(identities.contains(try identity()))
        #expect(folder.entries == (1...3).map { "x-0000\($0)-of-00003.mmpack" })
    }
}
