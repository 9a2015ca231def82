import MMArchives
import MMBytes
import MMStorage
import MMTestSupport
import Testing

/// Archives that TarLayout lays out, read back by libarchive.
@Suite struct TarLayoutTests {
    private static let page = 16_384

    /// Writes the headers, and of the members as many bytes as `content` has; the rest is a hole.
    private static func write(_ layout: TarLayout, to path: String, content: [UInt8] = []) throws {
        let output = try AtomicOutput(path: path)
        for member in layout.members {
            try output.write(member.header.span.bytes, at: member.headerOffset)
            try output.write(content.prefix(member.member.byteCount).span.bytes, at: member.dataOffset)
        }
        try output.setByteCount(layout.byteCount)
        try output.commit(replacing: false)
    }

    private static func open(_ layout: TarLayout, in folder: TemporaryFolder) throws -> Archive {
        let path = folder.path("made.tar")
        try write(layout, to: path, content: [1, 2, 3])
        return try Archive(InputFile(path: path), kind: .tar)
    }

    @Test(arguments: [0, 1, 511, 512, 513, 15_359, 15_360, 16_384, 100_000])
    func everyMemberBeginsAtAPage(byteCount: Int) throws {
        let folder = try TemporaryFolder()
        let members = ["a", "b", "c"].map { TarMember(name: ByteString($0), byteCount: byteCount) }
        let layout = try #require(TarLayout(members, alignment: Self.page, modified: 0))
        #expect(layout.members.allSatisfy { $0.dataOffset % Self.page == 0 })
        #expect(layout.byteCount % 512 == 0)
        let files = try Self.open(layout, in: folder).folder
        #expect(try files.names() == ["a", "b", "c"])
        for member in layout.members {
            let file = try files.file(member.member.name)
            #expect(file.byteCount == byteCount)
            #expect(file.start == member.dataOffset)
            let head = try file.bytes(at: 0, byteCount: min(byteCount, 3))
            #expect(head == Array([1, 2, 3].prefix(byteCount)))
        }
    }

    @Test(arguments: [8_589_934_591, 8_589_934_592, 9_000_000_001, 20_000_000_000_000])
    func membersMayBeLargerThanEightGigabytes(byteCount: Int) throws {
        let folder = try TemporaryFolder()
        let members = [
            TarMember(name: "large", byteCount: byteCount), TarMember(name: "small", byteCount: 3),
        ]
        let layout = try #require(TarLayout(members, alignment: Self.page, modified: 0))
        // A file system may not take so long a file, hole or not.
        guard byteCount < 1 << 40 else { return #expect(layout.members[1].dataOffset > byteCount) }
        let files = try Self.open(layout, in: folder).folder
        #expect(try files.file("large").byteCount == byteCount)
        #expect(try files.file("small").bytes(at: 0, byteCount: 3) == [1, 2, 3])
    }

    @Test(arguments: [String(repeating: "n", count: 100), String(repeating: "n", count: 101), "mod\u{E8}le.mmpack"])
    func keepsAnyName(name: String) throws {
        let folder = try TemporaryFolder()
        let layout = try #require(
            TarLayout([TarMember(name: ByteString(name), byteCount: 3)], alignment: Self.page, modified: 0)
        )
        #expect(try Self.open(layout, in: folder).folder.names() == [ByteString(name)])
    }

    @Test func fitsEveryGapBetweenMembers() throws {
        for blocks in 0..<40 {
            for name in ["a", String(repeating: "n", count: 120)] {
                let members = [
                    TarMember(name: "first", byteCount: blocks * 512), TarMember(name: ByteString(name), byteCount: 1),
                ]
                let layout = try #require(TarLayout(members, alignment: Self.page, modified: 8_589_934_592))
                for member in layout.members {
                    #expect(member.headerOffset + member.header.count == member.dataOffset)
                    #expect(member.header.count <= 3 * Self.page)
                }
            }
        }
    }

    @Test func sizesThatDoNotFitHaveNoLayout() {
        let members = ["a", "b"].map { TarMember(name: $0, byteCount: .max / 2 + 1) }
        #expect(TarLayout(members, alignment: Self.page, modified: 0) == nil)
    }
}
