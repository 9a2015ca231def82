import Foundation
import MMArchives
import MMBytes
import MMCheckpoints
import MMStorage
import MMTensors
import MMTestSupport
import Testing

/// Which reader a path goes to.
@Suite struct CheckpointTests {
    @Test func goesByContentNotByName() throws {
        let folder = try TemporaryFolder()
        let gguf = try folder.file("weights.bin", Fixture.bytes("gguf/good/type-f32.gguf"))
        #expect(try Checkpoint.open(gguf).format == "gguf")
        let safetensors = try folder.file("weights.gguf", Fixture.bytes("safetensors/good/dtype-f32.safetensors"))
        #expect(try Checkpoint.open(safetensors).format == "safetensors")
    }

    /// A header of 640 bytes begins as a pickle of protocol 2 does, one of 35,615 as gzip does.
    @Test(arguments: [640, 896, 1152, 1408, 35_615])
    func takesNoHeaderForAnotherFormat(headerByteCount: Int) throws {
        let folder = try TemporaryFolder()
        var bytes = withUnsafeBytes(of: UInt64(headerByteCount).littleEndian) { Array($0) } + Array("{}".utf8)
        bytes += [UInt8](repeating: 0x20, count: headerByteCount - 2)
        let path = try folder.file("weights", bytes)
        #expect(try Checkpoint.open(path).format == "safetensors")
    }

    static let others: [(FileKind, [UInt8])] = [
        (.xz, [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]), (.bzip2, Array("BZh9".utf8)),
        (.pickle, [0x80, 0x02, 0x8A, 0x0A]),
        (.gitLFSPointer, Array("version https://git-lfs.github.com/spec/v1\n".utf8)),
        (.json, Array("\n{\"a\":1}".utf8)),
        (.legacyGGML, Array("tjgg1234".utf8)), (.empty, []), (.unknown, Array("something".utf8)),
        (.html, Array("<!doctype html>".utf8)), (.hdf5, [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]),
    ]

    @Test(arguments: others)
    func saysWhatAForeignFileLooksLike(kind: FileKind, bytes: [UInt8]) throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("model", bytes)
        let error = refusal { try Checkpoint.open(path) } as? CheckpointError
        #expect(error?.kind == kind)
        #expect(error?.category == .badData)
    }

    static let archives: [[UInt8]] = [
        [0x50, 0x4B, 0x03, 0x04, 0x14], [0x1F, 0x8B, 0x08], [0x28, 0xB5, 0x2F, 0xFD],
        [UInt8](repeating: 0, count: 257) + Array("ustar\0".utf8),
    ]

    @Test(arguments: archives)
    func takesTheMagicNumberOfAnArchiveForOne(bytes: [UInt8]) throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("model", bytes)
        #expect(refusal { try Checkpoint.open(path) } is ArchiveError)
        #expect(refusal { try Checkpoint.archive(at: path) } is ArchiveError)
    }

    @Test func namesWhatIsMissing() throws {
        let folder = try TemporaryFolder()
        #expect(refusal { try Checkpoint.open(folder.path("none.gguf")) }?.category == .missingInput)
        #expect(refusal { try Checkpoint.open(folder.path) }?.category == .badData)
    }

    @Test func doesNotHangOnAFIFO() throws {
        let folder = try TemporaryFolder()
        #expect(mkfifo(folder.path("pipe.safetensors"), 0o600) == 0)
        #expect(refusal { try Checkpoint.open(folder.path("pipe.safetensors")) }?.category == .badData)
        #expect(refusal { try Checkpoint.open(folder.path) }?.category == .badData)
    }

    @Test func opensASplitSetByAnyPart() throws {
        let parts = Fixture.entries(of: "gguf/split/good/three")
        let dumps = try parts.map { try SourceDump(Checkpoint.open(Fixture.path($0)), withMetadata: true) }
        #expect(dumps.count == 3)
        #expect(Set(dumps.map(\.tensors.count)).count == 1)
        #expect(dumps.allSatisfy { $0 == dumps[0] })
    }
}
