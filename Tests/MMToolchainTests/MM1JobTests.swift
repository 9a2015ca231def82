import Foundation
import MMBytes
import MMReference
import MMTestSupport
import MMToolchain
import Testing

/// The trained models on their way through the tool.
@Suite struct MM1JobTests {
    private static let models = ["nano", "nano-moe"]

    private static func bundle(_ name: String, in folder: TemporaryFolder) throws -> String {
        let path = folder.path("\(name).mmpack")
        let options = WriteOptions(sourcePath: Fixture.path("mm1/\(name)"), outputPath: path, width: 2)
        _ = try WriteJob(options).run { _ in }
        return path
    }

    /// Names, types, shapes and bytes: convolutions by 1 x 1 get their dimensions of 1 back.
    @Test(arguments: models)
    func exportGivesTheCheckpointBack(name: String) throws {
        let folder = try TemporaryFolder()
        let out = folder.path("out")
        let bundle = try Self.bundle(name, in: folder)
        _ = try ExportJob(bundlePath: bundle, folder: out, type: nil, isReplacing: false, width: 2).run { _ in }
        let found = try Dictionary(grouping: Self.tensors(atPath: "\(out)/model.safetensors")) { $0.name }
        let expected = try Self.tensors(atPath: Fixture.path("mm1/\(name)/model.safetensors"))
        #expect(found.count == expected.count)
        for tensor in expected { #expect(found[tensor.name] == [tensor], "\(tensor.name)") }
    }

    private struct StoredTensor: Hashable {
        let name: String
        let type: JSONValue
        let shape: JSONValue
        let bytes: ArraySlice<UInt8>
    }

    private static func tensors(atPath path: String) throws -> [StoredTensor] {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let count = bytes[0..<8].enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
        let header = try JSONValue(parsing: Array(bytes[8..<8 + count]))
        return try (header.members ?? []).filter { $0.name != "__metadata__" }.map { member in
            let offsets = (member.value["data_offsets"]?.elements ?? []).compactMap(\.integer)
            try #require(offsets.count == 2)
            return StoredTensor(
                name: member.name.string,
                type: try #require(member.value["dtype"]),
                shape: try #require(member.value["shape"]),
                bytes: bytes[8 + count + offsets[0]..<8 + count + offsets[1]]
            )
        }
    }

    /// A question in the words of the chat template, with a picture in its place.
    @Test func aTurnHasItsPictureBeforeTheWords() throws {
        let folder = try TemporaryFolder()
        let probe = SceneProbe(3)
        let picture = try folder.file("picture.ppm", probe.scene.picture().portablePixmap)
        let session = try GenerationSession(path: try Self.bundle("nano", in: folder), width: 2)
        let question = ByteString(probe.question.text)
        func ask(_ prompt: GenerationPrompt, images: [String]) throws -> (String, GenerationSession.Summary) {
            var bytes: [UInt8] = []
            let summary = try session.generate(prompt: prompt, images: images, limit: 8, temperature: 0, seed: 0) {
                bytes += $0
            }
            return (String(decoding: bytes, as: UTF8.self), summary)
        }
        let chat = try ask(.chat(user: question, system: nil), images: [picture])
        let plain = ByteString("<|im_start|>user\n<image>\(question)<|im_end|>\n<|im_start|>assistant\n")
        let spelled = try ask(.text(plain), images: [picture])
        #expect(chat == spelled)
        #expect(try ask(.chat(user: ByteString("<image>\(question)"), system: nil), images: [picture]) == chat)
        // Two pictures in one turn, and text alone.
        let two = try ask(.chat(user: question, system: nil), images: [picture, picture])
        #expect(two.1.promptCount == chat.1.promptCount + 16)
        #expect(try ask(.chat(user: question, system: nil), images: []).1.promptCount == chat.1.promptCount - 16)
    }

    @Test func inspectSaysWhatIsAssumed() throws {
        let report = try InspectJob(path: Fixture.path("mm1/nano"), withDigests: false, tensorName: nil, width: 1)
            .run { _ in }
        #expect(report.model.hasPrefix("architecture mm1; not published, so assumed: text, fusion"))
        let mm1 = try ArchitectureList().rows.first { $0.id == "mm1" }
        #expect(mm1?.assumed.contains("depth") == true)
        #expect(try ArchitectureList().rows.first { $0.id == "llama" }?.assumed == [])
    }
}
