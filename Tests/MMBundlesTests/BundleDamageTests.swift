import MMBundles
import MMBytes
import MMTestSupport
import Testing

import struct Foundation.Data
import class Foundation.FileManager
import struct Foundation.URL

@Suite struct BundleDamageTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Opens and verifies bytes as a bundle.
    private func verify(_ bytes: [UInt8], name: String = "damaged.mmpack") throws {
        let path = try folder.file(name, bytes)
        _ = try Bundle.open(path).verifyIntegrity(width: 1)
    }

    private func smallBundle() throws -> [UInt8] {
        let path = folder.path("small.mmpack")
        _ = try BundleWriting.write(BundleWriting.smallSource(), to: path)
        return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    @Test func detectsEveryFlippedBit() throws {
        var bytes = try smallBundle()
        #expect(bytes.count < 90_000)
        try verify(bytes)
        // Every byte of the header's fields, of the tables and of the manifest; every 61st byte of the rest.
        let table = (0..<8).reduce(0) { $0 | Int(bytes[32 + $1]) << (8 * $1) }
        let places = Array(0..<128) + Array(stride(from: 128, to: table, by: 61)) + Array(table..<bytes.count)
        for place in places {
            let bit = UInt8(1) << UInt8(place % 8)
            bytes[place] ^= bit
            #expect(throws: BundleError.self, "bit \(place % 8) of byte \(place)") { try verify(bytes) }
            bytes[place] ^= bit
        }
        try verify(bytes)
    }

    @Test func rejectsEveryTruncation() throws {
        let bytes = try smallBundle()
        for count in Array(0..<200) + Array(stride(from: 200, to: bytes.count, by: 97)) + [bytes.count - 1] {
            #expect(throws: BundleError.self, "\(count) bytes") { try verify(Array(bytes[..<count])) }
        }
        #expect(throws: BundleError.self) { try verify(bytes + [0]) }
    }

    @Test func rejectsMixedAndMissingParts() throws {
        let source = BundleWriting.smallSource(seed: 1)
        let other = BundleWriting.smallSource(seed: 2)
        let left = try BundleWriting.write(source, to: folder.path("a.mmpack"), shardByteCount: 40_000)
        let right = try BundleWriting.write(other, to: folder.path("b.mmpack"), shardByteCount: 40_000)
        #expect(left.paths.count > 2 && left.paths.count == right.paths.count)
        #expect(try Bundle.open(folder.path("a.mmpack")).manifest.identity == left.identity)
        #expect(try Bundle.open(left.paths[1]).manifest.identity == left.identity)
        let saved = try Data(contentsOf: URL(fileURLWithPath: left.paths[1]))
        try Data(contentsOf: URL(fileURLWithPath: right.paths[1])).write(to: URL(fileURLWithPath: left.paths[1]))
        #expect(throws: BundleError.self) { try Bundle.open(left.paths[0]) }
        try saved.write(to: URL(fileURLWithPath: left.paths[1]))
        _ = try Bundle.open(left.paths[0])
        try FileManager.default.removeItem(atPath: left.paths[2])
        #expect(throws: BundleError.self) { try Bundle.open(left.paths[0]) }
        try FileManager.default.moveItem(atPath: right.paths[1], toPath: folder.path("renamed.mmpack"))
        #expect(throws: BundleError.self) { try Bundle.open(folder.path("renamed.mmpack")) }
    }

    @Test func tellsBundlesFromOtherFiles() throws {
        let bytes = try smallBundle()
        #expect(try Bundle.isBundle(path: folder.path("small.mmpack")))
        #expect(try Bundle.isBundle(path: try folder.file("other", bytes)))
        #expect(try Bundle.isBundle(path: try folder.file("damaged.mmpack", [1, 2, 3])))
        #expect(try !Bundle.isBundle(path: try folder.file("x.gguf", Array("GGUF-something".utf8))))
        #expect(try !Bundle.isBundle(path: folder.path("absent")))
        #expect(try !Bundle.isBundle(path: folder.path))
    }
}
