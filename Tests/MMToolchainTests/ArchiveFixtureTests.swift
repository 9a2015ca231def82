import MMArchitectures
import MMArchives
import MMBytes
import MMCheckpoints
import MMStorage
import MMTensors
import MMTestSupport
import MMToolchain
import Testing

/// Every archive in fixtures/archives/good opens as what it holds, and every one in bad is refused for its reason.
@Suite struct ArchiveFixtureTests {
    static let good = Fixture.entries(of: "archives/good", suffix: ".json")
    static let bad = Fixture.entries(of: "archives/bad", suffix: ".error")

    @Test func areThere() {
        #expect(Self.good.count > 30)
        #expect(Self.bad.count > 70)
    }

    private static func record(_ golden: String) throws -> (record: JSONValue, path: String) {
        let record = try JSONValue(parsing: Fixture.bytes(golden))
        let name = try #require(record["archive"]?.string?.string)
        return (record, Fixture.path(FileSystem.path(of: name, in: FileSystem.folder(of: golden))))
    }

    @Test(arguments: good)
    func goodOpensAsWhatItHolds(golden: String) throws {
        let (record, path) = try Self.record(golden)
        let holds = Fixture.path(try #require(record["holds"]?.string?.string))
        let found = try ModelSource(path: path)
        let isPair = holds.hasSuffix("smolvlm.gguf")
        let projector = isPair ? Fixture.path("oracles/gguf/smolvlm.mmproj.gguf") : nil
        let expected = try ModelSource(path: holds, projectorPath: projector)
        #expect(found.mapped.tensors == expected.mapped.tensors)
        let assets = (try found.mapped.assets, try expected.mapped.assets)
        #expect(assets.0 == assets.1)
        #expect(found.mapped.metadata == expected.mapped.metadata)
        #expect(found.mapped.files.map(\.name) == expected.mapped.files.map(\.name))
        #expect(found.mapped.files.map(\.byteCount) == expected.mapped.files.map(\.byteCount))
        #expect((found.bundle == nil) == (expected.bundle == nil))
        let isStreamed = found.mapped.files.contains { !$0.file.isMappable }
        if case .bool(let stated) = record["streamed"], !golden.contains("mixed") { #expect(isStreamed == stated) }
        for index in found.mapped.tensors.indices {
            #expect(try Self.bytes(index, of: found.mapped) == Self.bytes(index, of: expected.mapped))
            let loaded = try found.mapped.load(index)
            #expect(try Self.copy(loaded) == Self.bytes(index, of: expected.mapped))
        }
        // Whatever the archive is, it was small enough for its one pass.
        #expect(try #require(found.archive).passCount == 1)
    }

    private static func bytes(_ index: Int, of source: some TensorSource) throws -> [UInt8] {
        let bytes = try TensorBytes.reading(index, of: source)
        return copy(bytes)
    }

    @Test(arguments: bad)
    func badIsRefusedForItsReason(golden: String) throws {
        let (record, path) = try Self.record(golden)
        let reason = try #require(record["reason"]?.string?.string)
        let diagnosed = try #require(refusal { try ModelSource(path: path) })
        #expect(diagnosed.category == .badData)
        #expect(!diagnosed.description.contains { $0.isNewline || $0 == "\u{1B}" })
        #expect(diagnosed.description.hasPrefix(path))
        let error = try #require(diagnosed as? ArchiveError, "\(diagnosed)")
        #expect(error.reasonName == reason, "\(diagnosed)")
    }

    // MARK: Compressed members that do not fit the memory they are given.

    /// 48 tensors of 128 KiB: byte j of tensor i is 7 i + j / 256 + j modulo 256.
    private static let tensorCount = 48
    private static let tensorByteCount = 131_072

    private static func expected(_ tensor: Int, _ range: Range<Int>) -> [UInt8] {
        range.map { UInt8(truncatingIfNeeded: 7 * tensor + $0 / 256 + $0) }
    }

    @Test(arguments: ["patterned.tar.gz", "patterned.tar.zst", "patterned.zip"], [false, true])
    func readingInThePlannedOrderTakesFewPasses(name: String, backwards: Bool) throws {
        let (archive, source) = try Self.open(name)
        var order = Array(source.tensors.indices)
        if backwards { order.reverse() }
        archive.plan(order.compactMap { source.extent($0) }.map { ($0.file, $0.range) })
        for _ in 0..<2 {
            for index in order {
                let tensor = try TensorBytes.reading(index, of: source)
                #expect(Self.copy(tensor) == Self.expected(index, 0..<Self.tensorByteCount))
            }
        }
        // 97 blocks twice, of which a pass fetches 14 and keeps 2 that came before: 7 each time, with one for each begun.
        #expect((2...18).contains(archive.passCount))
    }

    @Test func readingInNoOrderIsRightAllTheSame() throws {
        let (_, source) = try Self.open("patterned.zip")
        var random = SystemRandomNumberGenerator()
        for _ in 0..<60 {
            let index = Int.random(in: source.tensors.indices, using: &random)
            let start = Int.random(in: 0..<Self.tensorByteCount - 1, using: &random)
            let end = Int.random(in: start + 1...Self.tensorByteCount, using: &random)
            var bytes = [UInt8](repeating: 0, count: end - start)
            var span = bytes.mutableSpan
            var raw = span.mutableBytes
            try source.read(index, at: start, into: &raw)
            #expect(bytes == Self.expected(index, start..<end))
        }
    }

    private static func open(_ name: String) throws -> (Archive, any TensorSource) {
        let file = try InputFile(path: Fixture.path("archives/\(name)"))
        let kinds = ["gz": ArchiveKind.tarGzip, "zst": .tarZstandard, "zip": .zip]
        let kind = try #require(name.split(separator: ".").last.flatMap { kinds[String($0)] })
        // 16 blocks of 64 KiB.
        let archive = try Archive(file, kind: kind, memoryByteCount: 1 << 20)
        let source = try Checkpoint.open(archive)
        #expect(source.tensors.count == tensorCount)
        return (archive, source)
    }

    private static func copy(_ tensor: TensorBytes) -> [UInt8] { tensor.bytes.withUnsafeBytes { Array($0) } }
}
