import MMBytes
import MMCheckpoints
import MMTensors
import MMTestSupport
import Testing

/// What a byte too few or a byte wrong does: an error that says so, or a source whose every tensor can be read.
@Suite struct HostileBytesTests {
    static let safetensors = ["every-dtype", "metadata-unicode", "escaped-names", "zero-size", "rank-64"]
    static let gguf = ["value-types", "array-types", "zero-size", "name-unicode", "alignment-64", "type-q4_k"]

    static let files =
        safetensors.map { "safetensors/good/\($0).safetensors" } + gguf.map { "gguf/good/\($0).gguf" }

    @Test(arguments: files)
    func everyTruncationIsRefused(file: String) throws {
        let bytes = try Fixture.bytes(file)
        let folder = try TemporaryFolder()
        let end = try Self.dataEnd(file)
        for count in 0..<end {
            let path = try folder.file("cut" + Self.suffix(of: file), Array(bytes[..<count]))
            let error = refusal { try Checkpoint.open(path) }
            #expect(error?.category == .badData, "\(count) of \(bytes.count) bytes")
        }
    }

    /// Every byte of the header has a bit flipped, or becomes one that a parser trips over.
    @Test(arguments: files)
    func noMutationOfTheHeaderTraps(file: String) throws {
        let bytes = try Fixture.bytes(file)
        let folder = try TemporaryFolder()
        let awkward: [UInt8] = [0x00, 0xFF, 0x22, 0x39, 0x7F]
        for index in 0..<min(bytes.count, 400) {
            var mutant = bytes
            mutant[index] = index % 2 == 0 ? bytes[index] ^ 1 << UInt8(index / 2 % 8) : awkward[index % awkward.count]
            let path = try folder.file("mutant" + Self.suffix(of: file), mutant)
            try Self.openAndRead(path)
        }
    }

    @Test(arguments: files)
    func noAppendedByteIsAccepted(file: String) throws {
        let bytes = try Fixture.bytes(file)
        let folder = try TemporaryFolder()
        for tail: [UInt8] in [[1], [0x20], Array(repeating: 0, count: 64)] {
            let path = try folder.file("long" + Self.suffix(of: file), bytes + tail)
            #expect(refusal { try Checkpoint.open(path) }?.category == .badData, "\(tail.count) bytes")
        }
    }

    private static func openAndRead(_ path: String) throws {
        do {
            let source = try Checkpoint.open(path)
            for index in source.tensors.indices where source.tensors[index].byteCount < 1_000_000 {
                _ = try SourceDump.bytes(index, of: source)
            }
        } catch let error as any DiagnosedError {
            #expect(error.category == .badData)
            #expect(!error.description.utf8.contains { $0 < 0x20 })
        }
    }

    private static func suffix(of file: String) -> String { file.hasSuffix(".gguf") ? ".gguf" : ".safetensors" }

    /// The end of the last tensor: padding after it may be missing.
    private static func dataEnd(_ file: String) throws -> Int {
        let byteCount = try Fixture.bytes(file).count
        let source = try Checkpoint.open(Fixture.path(file))
        guard source.format == "gguf", let last = source.tensors.last else { return byteCount }
        let alignment = source.metadata["general.alignment"]?.integer ?? 32
        return byteCount - (alignment - last.byteCount % alignment) % alignment
    }
}
