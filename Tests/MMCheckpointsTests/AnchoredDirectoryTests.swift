import MMBytes
import MMStorage
import MMTestSupport
import Testing

@Suite struct AnchoredDirectoryTests {
    @Test func listsNamesSortedByBytes() throws {
        let folder = try TemporaryFolder()
        for name in ["b", "a", "\u{e9}", "B", "a.json"] { _ = try folder.file(name, []) }
        let directory = try AnchoredDirectory(path: folder.path)
        let names: [ByteString] = ["B", "a", "a.json", "b", "\u{e9}"]
        #expect(try directory.names() == names)
        #expect(try directory.names() == names)
    }

    @Test func opensPlainNamesOnly() throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("a", [7])
        let directory = try AnchoredDirectory(path: folder.path)
        #expect(try directory.file("a").bytes(at: 0, byteCount: 1) == [7])
        for name: ByteString in ["", ".", "..", "../a", "/etc/hostname", "a/", "./a", "a\0"] {
            #expect(throws: FileError.self, "\(name)") { try directory.file(name) }
        }
    }

    @Test(arguments: ["a", "a b.json", "-", "...", "caf\u{e9}", String(repeating: "x", count: 255)])
    func takesForPlain(name: String) {
        #expect(AnchoredDirectory.isPlainName(ByteString(name)))
    }

    @Test(arguments: ["", ".", "..", "a/b", "/a", "a\\b", "a\0", "a\n", "\u{7f}", String(repeating: "x", count: 256)])
    func takesNotForPlain(name: String) {
        #expect(!AnchoredDirectory.isPlainName(ByteString(name)))
        #expect(!AnchoredDirectory.isPlainName(ByteString([0xFF])))
    }

    @Test func refusesAFileAsAFolder() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("a", [])
        let error = #expect(throws: FileError.self) { try AnchoredDirectory(path: path) }
        #expect(error?.reason == .notFolder)
    }
}
