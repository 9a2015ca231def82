import MMBytes
import MMCheckpoints
import MMStorage
import MMTensors
import MMTestSupport
import Testing

@Suite struct SafetensorsWriterTests {
    /// Files that transformers wrote through the reference implementation.
    @Test(arguments: ["llama-tied", "llama-tied-default", "llama-biased"])
    func writesTheReferenceWritersBytes(folder: String) throws {
        let original = "oracles/\(folder)/model.safetensors"
        let output = try Self.rewrite(SafetensorsFile(path: Fixture.path(original)))
        #expect(output.names == ["model.safetensors"])
        #expect(try Fixture.bytes(original) == Self.bytes(output.folder.path("model.safetensors")))
    }

    @Test func shardsReadBackAsOneFolder() throws {
        let source = try HuggingFaceFolder(path: Fixture.path("oracles/llama-untied-sharded"))
        let output = try Self.rewrite(source, shardByteCount: 60_000)
        #expect(output.names.count > 3)
        #expect(output.names.last == "model.safetensors.index.json")
        #expect(output.folder.entries == output.names.sorted())
        let copy = try HuggingFaceFolder(path: output.folder.path)
        #expect(try Self.digests(copy) == Self.digests(source))
        let index = try JSONValue(parsing: Self.bytes(output.folder.path("model.safetensors.index.json")))
        #expect(index.value(at: "metadata.total_size")?.integer == source.tensors.reduce(0) { $0 + $1.byteCount })
        for file in copy.files.dropLast() { #expect(file.byteCount < 70_000 || Self.holdsOneTensor(file)) }
    }

    @Test func writesEveryType() throws {
        let source = try SafetensorsFile(path: Fixture.path("safetensors/good/every-dtype.safetensors"))
        let output = try Self.rewrite(source)
        let copy = try SafetensorsFile(path: output.folder.path("model.safetensors"))
        #expect(try Self.digests(copy) == Self.digests(source))
    }

    @Test func writesNoTensorsAtAll() throws {
        let output = try Self.rewrite(MemorySource([]))
        let copy = try SafetensorsFile(path: output.folder.path("model.safetensors"))
        #expect(copy.tensors.isEmpty)
        #expect(copy.metadata == ["format": "pt"])
    }

    /// Slabs end at rows, and inside a row where it is longer than a slab.
    @Test func asksForWholeRowsOrAlignedPieces() throws {
        let lengths = [(3, 1_500_000), (1, 2_500_000), (40_000, 63)]
        let tensors = try lengths.enumerated().map { index, length in
            let shape = try #require(Shape([length.0, length.1]))
            return try #require(TensorDescriptor(name: ByteString("t\(index)"), type: .bf16, shape: shape))
        }
        let writer = try SafetensorsWriter(tensors)
        let folder = try TemporaryFolder()
        var byteCount = 0
        // Each piece says in its first and last byte which tensor it belongs to.
        let fill: SafetensorsWriter.Reading = { index, offset, destination in
            let row = tensors[index].rowByteCount
            #expect(row > 4_194_304 ? offset % 4_096 == 0 : offset % row == 0)
            destination.withUnsafeMutableBytes { bytes in
                bytes.initializeMemory(as: UInt8.self, repeating: 0)
                bytes[0] = UInt8(index + 1)
                bytes[bytes.count - 1] = UInt8(index + 1)
            }
        }
        _ = try writer.write(
            to: folder.path,
            replacing: false,
            width: 2,
            progress: { byteCount += $0 },
            reading: fill
        )
        #expect(byteCount == tensors.reduce(0) { $0 + $1.byteCount })
        let copy = try SafetensorsFile(path: folder.path("model.safetensors"))
        for (index, tensor) in copy.tensors.enumerated() {
            let value = try #require(UInt8(tensor.name.string.dropFirst())) + 1
            #expect(try SourceDump.bytes(index, of: copy, 0..<2) == [value, 0])
            #expect(
                try SourceDump.bytes(index, of: copy, tensor.byteCount - 2..<tensor.byteCount) == [0, value]
            )
        }
    }

    @Test func aFailureLeavesNothing() throws {
        struct Failure: Error {}
        let source = try HuggingFaceFolder(path: Fixture.path("oracles/llama-untied-sharded"))
        let writer = try SafetensorsWriter(source.tensors, shardByteCount: 60_000)
        let folder = try TemporaryFolder()
        let last = source.tensors.count - 1
        #expect(throws: Failure.self) {
            try writer.write(to: folder.path, replacing: false, width: 2) { index, offset, destination in
                if index == last { throw Failure() }
                try source.read(index, at: offset, into: &destination)
            }
        }
        #expect(folder.entries.isEmpty)
    }

    @Test func replacesOnlyWhenTold() throws {
        let source = try SafetensorsFile(path: Fixture.path("oracles/llama-tied/model.safetensors"))
        let writer = try SafetensorsWriter(source.tensors)
        let folder = try TemporaryFolder()
        _ = try folder.file("model.safetensors", [1, 2, 3])
        let read: SafetensorsWriter.Reading = { try source.read($0, at: $1, into: &$2) }
        let error = refusal { try writer.write(to: folder.path, replacing: false, width: 1, reading: read) }
        #expect(error?.category == .cannotCreate)
        #expect(try Self.bytes(folder.path("model.safetensors")) == [1, 2, 3])
        _ = try writer.write(to: folder.path, replacing: true, width: 1, reading: read)
        #expect(throws: Never.self) { try SafetensorsFile(path: folder.path("model.safetensors")) }
    }

    @Test func refusesWhatTheFormatCannotHold() throws {
        let good = try #require(MemorySource.Entry("a", [1], [1])).descriptor
        let shape = try #require(Shape([32]))
        let quantized = try #require(TensorDescriptor(name: "q", type: .q4_0, shape: shape))
        #expect(refusal { try SafetensorsWriter([quantized]) }?.category == .usage)
        for names: [ByteString] in [["a", "a"], ["__metadata__"], ["a\n"], [ByteString([0xFF])]] {
            let tensors = names.map { good.renamed($0) }
            #expect(refusal { try SafetensorsWriter(tensors) }?.category == .badData)
        }
    }

    private struct Output {
        let folder: TemporaryFolder
        let names: [String]
    }

    private static func rewrite(_ source: some TensorSource, shardByteCount: Int = .max) throws -> Output {
        let writer = try SafetensorsWriter(source.tensors, shardByteCount: shardByteCount)
        let folder = try TemporaryFolder()
        let names = try writer.write(to: folder.path, replacing: false, width: 2) {
            try source.read($0, at: $1, into: &$2)
        }
        return Output(folder: folder, names: names)
    }

    private static func digests(_ source: any TensorSource) throws -> [ByteString: String] {
        let pairs = try source.tensors.indices.map { index in
            let tensor = source.tensors[index]
            return (
                tensor.name, "\(tensor.type) \(tensor.shape) \(Digest.sha256(try SourceDump.bytes(index, of: source)))"
            )
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    private static func holdsOneTensor(_ file: SourceFile) -> Bool {
        (try? SafetensorsFile(path: file.file.path).tensors.count) == 1
    }

    private static func bytes(_ path: String) throws -> [UInt8] {
        let file = try InputFile(path: path)
        return try file.bytes(at: 0, byteCount: file.byteCount)
    }
}
