import Foundation
import MMBytes
import MMTestSupport
import Testing

/// Sources in archives, and bundles exported to one, through the built executable.
@Suite struct ArchiveJobTests {
    static let folder = Fixture.path("oracles/llama-biased")
    static let archives = [
        "tiny-tar.tar", "tiny-tar-gz.tar.gz", "tiny-tar-zst.tar.zst", "tiny-zip.zip", "tiny-deflated-zip.zip",
    ]

    /// Everything of a bundle but its header page and its manifest; and the manifest without its provenance.
    private static func parts(_ path: String) throws -> (stored: [UInt8], manifest: [JSONMember], provenance: JSONValue)
    {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        func little(_ offset: Int) -> Int { (0..<8).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) } }
        let manifest = try JSONValue(parsing: Array(bytes[little(48)..<little(48) + little(56)]))
        let members = try #require(manifest.members)
        return (
            Array(bytes[16_384..<little(48)]), members.filter { $0.name != "provenance" },
            try #require(manifest["provenance"])
        )
    }

    @Test(arguments: archives)
    func makesTheBundleOfTheFolder(name: String) throws {
        let work = try TemporaryFolder()
        let (bundle, other) = (work.path("out.mmpack"), work.path("folder.mmpack"))
        let source = Fixture.path("archives/good/\(name)")
        let convert = try MMPackBinary.run(["convert", source, "-o", bundle, "--verify", "--json"])
        #expect(convert.status == 0, "\(convert.talk)")
        #expect(try MMPackBinary.run(["convert", Self.folder, "-o", other]).status == 0)
        #expect(work.entries == ["folder.mmpack", "out.mmpack"])
        let (made, expected) = (try Self.parts(bundle), try Self.parts(other))
        #expect(made.stored == expected.stored)
        #expect(made.manifest == expected.manifest)
        // The files are those of the folder, and the archive comes beside them.
        #expect(made.provenance["source"]?["files"] == expected.provenance["source"]?["files"])
        let archive = try #require(made.provenance["source"]?["archive"])
        #expect(archive["name"] == .text(name))
        #expect(archive["nbytes"] == .integer(try Data(contentsOf: URL(fileURLWithPath: source)).count))
        #expect(archive["sha256"] == .text(Digest.sha256(Array(try Data(contentsOf: URL(fileURLWithPath: source))))))
        let verify = try MMPackBinary.run(["verify", other, "--against", source, "--json"])
        #expect(verify.status == 0, "\(verify.talk)")
    }

    @Test func quantizesAndRunsFromAnArchive() throws {
        let work = try TemporaryFolder()
        let source = Fixture.path("archives/good/gguf.tar.zst")
        let (bundle, other) = (work.path("out.mmpack"), work.path("file.mmpack"))
        #expect(try MMPackBinary.run(["quantize", "q8_0", source, "-o", bundle]).status == 0)
        let gguf = Fixture.path("oracles/gguf/llama-tied-q4_0.gguf")
        #expect(try MMPackBinary.run(["quantize", "q8_0", gguf, "-o", other]).status == 0)
        #expect(try Self.parts(bundle).stored == Self.parts(other).stored)
        let prompt = ["--prompt", "a b c", "--max-tokens", "4"]
        let run = try MMPackBinary.run(["run", source] + prompt)
        #expect(run.status == 0, "\(run.talk)")
        #expect(try MMPackBinary.run(["run", gguf] + prompt).output == run.output)
    }

    @Test func namesDoNotDependOnTheLocale() throws {
        for locale in ["C", "POSIX", "C.UTF-8"] {
            for name in ["names-beyond-ascii.tar", "names-beyond-ascii-deflated.zip", "names-beyond-ascii-gnu.tar"] {
                let path = Fixture.path("archives/good/\(name)")
                let inspect = try MMPackBinary.run(["inspect", path], environment: ["LC_ALL": locale, "LANG": locale])
                #expect(inspect.status == 0, "\(locale) \(inspect.talk)")
            }
        }
    }

    @Test func anArchiveThatIsRefusedLeavesNothing() throws {
        let work = try TemporaryFolder()
        for name in ["gzip-crc.tar.gz", "name-parent.tar", "bomb.zip", "symlink.tar"] {
            let path = Fixture.path("archives/bad/\(name)")
            let convert = try MMPackBinary.run(["convert", path, "-o", work.path("out.mmpack")])
            #expect(convert.status == 65)
            #expect(convert.talk.contains(path))
            #expect(convert.talk.count { $0.isNewline } == 1)
            #expect(try MMPackBinary.run(["verify", path]).status == 65)
        }
        #expect(work.entries.isEmpty)
    }

    // MARK: export tar

    static let bundles = ["example.mmpack", "floats.mmpack", "set-00001-of-00003.mmpack"]

    @Test(arguments: bundles)
    func theTarOpensAsTheBundle(name: String) throws {
        let work = try TemporaryFolder()
        let bundle = Fixture.path("bundles/good/\(name)")
        let tar = work.path("out.tar")
        let export = try MMPackBinary.run(["export", "tar", bundle, "-o", tar, "--json"])
        #expect(export.status == 0, "\(export.talk)")
        let report = try export.json()
        let schema = Fixture.repository.appendingPathComponent("formats/schemas/export-tar.json")
        #expect(JSONSchema(try JSONValue(parsing: Array(try Data(contentsOf: schema)))).violations(report) == [])
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: tar)))
        #expect(report["nbytes"] == .integer(bytes.count))
        for file in try #require(report["files"]?.elements) {
            let offset = try #require(file["offset"]?.integer)
            let byteCount = try #require(file["nbytes"]?.integer)
            #expect(offset % 16_384 == 0)
            let part = try Fixture.bytes("bundles/good/\(try #require(file["name"]?.string))")
            #expect(bytes[offset..<offset + byteCount].elementsEqual(part))
        }
        let found = try MMPackBinary.run(["inspect", tar, "--json", "--digests"]).json()
        let expected = try MMPackBinary.run(["inspect", bundle, "--json", "--digests"]).json()
        #expect(found["tensors"] == expected["tensors"])
        #expect(found["metadata"] == expected["metadata"])
        #expect(try MMPackBinary.run(["verify", tar]).status == MMPackBinary.run(["verify", bundle]).status)
        // From the archive it is written again as it was.
        let again = work.path("again.tar")
        #expect(try MMPackBinary.run(["export", "tar", tar, "-o", again]).status == 0)
        #expect(try Data(contentsOf: URL(fileURLWithPath: again)).elementsEqual(bytes))
    }

    @Test func aModelRunsFromItsTar() throws {
        let work = try TemporaryFolder()
        let (bundle, tar) = (work.path("model.mmpack"), work.path("model.tar"))
        #expect(try MMPackBinary.run(["convert", Self.folder, "-o", bundle]).status == 0)
        #expect(try MMPackBinary.run(["export", "tar", bundle, "-o", tar]).status == 0)
        let prompt = ["--prompt", "a b c", "--max-tokens", "4"]
        let run = try MMPackBinary.run(["run", tar] + prompt)
        #expect(run.status == 0, "\(run.talk)")
        #expect(try MMPackBinary.run(["run", bundle] + prompt).output == run.output)
        #expect(try MMPackBinary.run(["verify", tar, "--against", Self.folder]).status == 0)
        let folder = work.path("exported")
        #expect(try MMPackBinary.run(["export", "safetensors", tar, "-o", folder]).status == 0)
    }

    @Test func anExistingTarIsReplacedOnlyWhenAsked() throws {
        let work = try TemporaryFolder()
        let bundle = Fixture.path("bundles/good/example.mmpack")
        let tar = try work.file("out.tar", [1])
        #expect(try MMPackBinary.run(["export", "tar", bundle, "-o", tar]).status == 73)
        #expect(try Data(contentsOf: URL(fileURLWithPath: tar)).count == 1)
        #expect(try MMPackBinary.run(["export", "tar", bundle, "-o", tar, "--force"]).status == 0)
        let date = ["SOURCE_DATE_EPOCH": "1700000000"]
        let dated = work.path("dated.tar")
        #expect(try MMPackBinary.run(["export", "tar", bundle, "-o", dated], environment: date).status == 0)
        let (plain, other) = (
            Array(try Data(contentsOf: URL(fileURLWithPath: tar))),
            Array(try Data(contentsOf: URL(fileURLWithPath: dated)))
        )
        #expect(plain.count == other.count && plain != other)
        // What is no bundle cannot be exported as one.
        let gguf = Fixture.path("oracles/gguf/llama-tied-q4_0.gguf")
        #expect(try MMPackBinary.run(["export", "tar", gguf, "-o", work.path("no.tar")]).status == 65)
        #expect(
            try MMPackBinary.run(["export", "tar", work.path("none.mmpack"), "-o", work.path("no.tar")]).status == 66
        )
        #expect(work.entries == ["dated.tar", "out.tar"])
    }
}
