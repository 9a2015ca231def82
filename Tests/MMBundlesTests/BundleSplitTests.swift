import MMBundles
import MMBytes
import MMStorage
import MMTensors
import MMTestSupport
import Testing

import struct Foundation.Data
import class Foundation.FileManager
import struct Foundation.URL

/// Tensors that no part holds go on in the next.
@Suite struct BundleSplitTests {
    let folder: TemporaryFolder
    static let source = BundleDoorTests.source
    static let shardByteCount = 300_000

    init() throws {
        folder = try TemporaryFolder()
    }

    private func write(_ name: String, width: Int = 2, profile: BundleProfile = .device) throws -> BundleSummary {
        try BundleWriting.write(
            Self.source,
            to: folder.path(name),
            profile: profile,
            shardByteCount: Self.shardByteCount,
            width: width
        )
    }

    @Test(arguments: BundleProfile.allCases)
    func noPartIsLargerAndEveryRangeReadsBack(_ profile: BundleProfile) throws {
        let summary = try write("x.mmpack", profile: profile)
        for path in summary.paths {
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count <= Self.shardByteCount)
        }
        for door in BundleDoorTests.doors {
            let bundle = try Bundle.open(folder.path("x.mmpack"), access: door.access)
            var generator = SplitMix64(state: 4)
            for (index, content) in Self.source.contents.enumerated() {
                for range in BundleDoorTests.ranges(content.count, &generator) {
                    #expect(try door.bytes(bundle, index, range) == Array(content[range]), "\(index) \(range)")
                }
            }
        }
        let bundle = try Bundle.open(summary.paths[2])
        let report = try bundle.verifyIntegrity(width: 2)
        #expect(report.byteCount == summary.byteCount && report.partCount == summary.paths.count)
        let parts = bundle.manifest.tensors.map(\.part)
        #expect(parts == parts.sorted() && parts[0] == 2 && parts[1] >= (profile == .raw ? 7 : 6))
    }

    @Test func lendsWhatLiesInOnePartAndReadsWhatCrosses() throws {
        let bundle = try Bundle.open(try write("x.mmpack", profile: .raw).paths[0])
        // Of the 900,001 bytes each part holds a chunk.
        #expect(try bundle.load(1, bytes: 10..<262_000).isMapped)
        #expect(try bundle.load(1, bytes: 262_144..<524_288).isMapped)
        #expect(try !bundle.load(1, bytes: 262_143..<262_145).isMapped)
        #expect(try !bundle.load(1).isMapped)
    }

    @Test func theBytesDoNotDependOnTheThreads() throws {
        let first = try write("a.mmpack", width: 1)
        let second = try write("b.mmpack", width: 7)
        #expect(first.identity == second.identity)
        for (left, right) in zip(first.paths, second.paths) {
            #expect(try Data(contentsOf: URL(fileURLWithPath: left)) == Data(contentsOf: URL(fileURLWithPath: right)))
        }
    }

    @Test func partsMoveTogether() throws {
        let summary = try write("x.mmpack")
        let manager = FileManager.default
        try manager.createDirectory(atPath: folder.path("other"), withIntermediateDirectories: false)
        for path in summary.paths {
            let name = URL(fileURLWithPath: path).lastPathComponent
            try manager.moveItem(atPath: path, toPath: folder.path("other/\(name)"))
        }
        _ = try Bundle.open(folder.path("other/x.mmpack")).verifyIntegrity(width: 1)
    }

    @Test func namesAMissingPartAndAForeignOne() throws {
        let summary = try write("x.mmpack")
        let count = summary.paths.count
        let other = try BundleWriting.write(
            BundleWriting.smallSource(),
            to: folder.path("y.mmpack"),
            shardByteCount: 40_000
        )
        for number in [1, 2, count] {
            let path = summary.paths[number - 1]
            let saved = try Data(contentsOf: URL(fileURLWithPath: path))
            try FileManager.default.removeItem(atPath: path)
            let missing = #expect(throws: BundleError.self) { try Bundle.open(folder.path("x.mmpack")) }
            #expect(missing == BundleError(.missingPart(number, count: count), path: path))
            try Data(contentsOf: URL(fileURLWithPath: other.paths[1])).write(to: URL(fileURLWithPath: path))
            let foreign = #expect(throws: BundleError.self) { try Bundle.open(summary.paths[count == number ? 0 : 2]) }
            let reason = BundleError.Reason.mixedParts(
                number,
                count: count,
                found: other.identity,
                expected: summary.identity
            )
            #expect(foreign == BundleError(reason, path: path))
            try saved.write(to: URL(fileURLWithPath: path))
        }
        _ = try Bundle.open(folder.path("x.mmpack"))
    }

    @Test func refusesAPartThatCannotHoldAChunk() throws {
        let error = #expect(throws: BundleError.self) {
            try BundleWriting.write(Self.source, to: folder.path("x.mmpack"), shardByteCount: 262_144)
        }
        #expect(error == BundleError(.largerThanShard(byteCount: 262_144, shardByteCount: 262_144), subject: "embed"))
        #expect(folder.entries.isEmpty)
    }
}
