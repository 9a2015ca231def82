import Foundation
import MMBytes
import MMCheckpoints
import MMStorage
import MMTensors
import MMTestSupport
import Testing

@Suite struct HuggingFaceFolderTests {
    private static func weights() throws -> [UInt8] {
        try Fixture.bytes("safetensors/good/dtype-f32.safetensors")
    }

    @Test func carriesWhatAModelNeedsAndSaysWhatItLeaves() throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("model.safetensors", Self.weights())
        let carried = [
            "LICENSE", "NOTICE.txt", "README.md", "chat_template.jinja", "config.json", "generation_config.json",
            "merges.txt", "qwen.tiktoken", "spiece.model", "tokenizer.json",
        ]
        for name in carried { _ = try folder.file(name, Array("{}".utf8)) }
        for name in [".gitattributes", "consolidated.safetensors", "optimizer.pt", "pytorch_model.bin.index.json"] {
            _ = try folder.file(name, [1])
        }
        try FileManager.default.createDirectory(atPath: folder.path("onnx"), withIntermediateDirectories: false)
        try FileManager.default.createDirectory(atPath: folder.path("x.json"), withIntermediateDirectories: false)
        let source = try HuggingFaceFolder(path: folder.path)
        #expect(source.assets.map(\.name) == carried)
        #expect(source.configuration == .huggingFace([:]))
        let ignored = Dictionary(uniqueKeysWithValues: source.ignoredFiles.map { ($0.name.string, $0.reason) })
        #expect(
            ignored == [
                ".gitattributes": .hidden, "consolidated.safetensors": .notInIndex, "optimizer.pt": .otherKind,
                "pytorch_model.bin.index.json": .otherKind, "onnx": .otherKind, "x.json": .notRegularFile,
            ]
        )
        #expect(source.files.map(\.name) == ["model.safetensors"])
    }

    @Test func takesTheOnlyWeightsWhateverTheirName() throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("adapter.safetensors", Self.weights())
        let source = try HuggingFaceFolder(path: folder.path)
        #expect(source.tensors.count > 0)
        #expect(source.configuration == .none)
    }

    @Test func refusesSeveralFilesWithoutAnIndex() throws {
        let folder = try TemporaryFolder()
        for name in ["a.safetensors", "b.safetensors"] { _ = try folder.file(name, Self.weights()) }
        let error = refusal { try HuggingFaceFolder(path: folder.path) } as? HuggingFaceError
        #expect(error?.reason == .severalFilesWithoutIndex(count: 2))
    }

    @Test func namesTheWeightsThatItDoesNotRead() throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("pytorch_model.bin", [1])
        let error = refusal { try HuggingFaceFolder(path: folder.path) } as? HuggingFaceError
        #expect(error?.reason == .noWeights(otherWeights: "pytorch_model.bin"))
    }

    /// The snapshots of a Hugging Face cache are folders of links to blobs.
    @Test func followsTheLinksOfACache() throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("blob", Self.weights())
        try FileManager.default.createDirectory(atPath: folder.path("snapshot"), withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("snapshot/model.safetensors"),
            withDestinationPath: "../blob"
        )
        let source = try Checkpoint.open(folder.path("snapshot"))
        #expect(source.files.map(\.name) == ["model.safetensors"])
        #expect(try SourceDump(source, withMetadata: false).tensors.count == source.tensors.count)
    }

    @Test func refusesAConfigurationThatIsNoStrictJSON() throws {
        for text in ["", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "\u{feff}{}", "{\"eps\":NaN}"] {
            let folder = try TemporaryFolder()
            _ = try folder.file("model.safetensors", Self.weights())
            _ = try folder.file("config.json", Array(text.utf8))
            let error = refusal { try HuggingFaceFolder(path: folder.path) }
            #expect(error?.category == .badData)
            #expect(error?.description.contains("config.json") == true)
        }
    }

    @Test func readsManyShards() throws {
        let folder = try TemporaryFolder()
        let count = 1500
        var map: [JSONMember] = []
        for index in 0..<count {
            let header = Array(#"{"t\#(index)":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#.utf8)
            let prefix = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
            _ = try folder.file("s\(index).safetensors", prefix + header + [UInt8(truncatingIfNeeded: index)])
            map.append(JSONMember(name: ByteString("t\(index)"), value: .text("s\(index).safetensors")))
        }
        _ = try folder.file(
            "model.safetensors.index.json",
            JSONValue.object([JSONMember(name: "weight_map", value: .object(map))]).serialized()
        )
        let source = try HuggingFaceFolder(path: folder.path)
        #expect(source.tensors.count == count)
        for index in stride(from: 0, to: count, by: 97) {
            let number = try #require(Int(source.tensors[index].name.string.dropFirst()))
            #expect(try SourceDump.bytes(index, of: source) == [UInt8(truncatingIfNeeded: number)])
        }
    }
}
