import Foundation
import MMTestSupport
import Testing

/// The options for pictures through the built executable.
@Suite struct PictureOptionTests {
    private static let picture = Fixture.path("images/good/photo.jpg")

    @Test func picturesGoWithVerify() throws {
        let folder = try TemporaryFolder()
        let output = folder.path("out.mmpack")
        let command = ["convert", Fixture.path("oracles/smolvlm"), "-o", output, "--image", Self.picture]
        let refused = try MMPackBinary.run(command)
        #expect(refused.status == 64 && refused.talk.contains("--image goes with --verify"))
        let converted = try MMPackBinary.run(command + ["--verify"])
        #expect(converted.status == 0, "\(converted.talk)")
        let missing = ["quantize", "q8", Fixture.path("oracles/smolvlm"), "-o", folder.path("b.mmpack"), "--verify"]
        #expect(try MMPackBinary.run(missing + ["--image", folder.path("none.png")]).status == 66)
        #expect(!FileManager.default.fileExists(atPath: folder.path("b.mmpack")))
    }

    @Test func aChatShowsPictures() throws {
        let folder = try TemporaryFolder()
        let source = folder.path("source")
        try FileManager.default.copyItem(atPath: Fixture.path("oracles/smolvlm"), toPath: source)
        for (file, fixture) in [
            ("tokenizer.json", "prompts/smolvlm.tokenizer.json"), ("chat_template.jinja", "templates/smolvlm.jinja"),
        ] {
            try FileManager.default.copyItem(atPath: Fixture.path(fixture), toPath: "\(source)/\(file)")
        }
        let arguments = ["run", source, "--chat", "--prompt", "what is it?", "--max-tokens", "12"]
        let outcome = try MMPackBinary.run(arguments + ["--image", Self.picture, "--system", "be kind."])
        #expect(outcome.status == 0 && outcome.output.count > 1, "\(outcome.talk)")
        let blind = try MMPackBinary.run(arguments + ["--system", "be kind."])
        #expect(blind.status == 0 && blind.output != outcome.output)
        let panned = try MMPackBinary.run(arguments + ["--image", Self.picture, "--pan-and-scan"])
        #expect(panned.status == 64 && panned.talk.contains("pan and scan"), "\(panned.talk)")
        #expect(try MMPackBinary.run(arguments + ["--pan-and-scan"]).status == 64)
    }
}
