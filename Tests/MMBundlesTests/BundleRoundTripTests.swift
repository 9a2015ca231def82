import MMBundles
import MMBytes
import MMTensors
import MMTestSupport
import Testing

import struct Foundation.Data
import class Foundation.FileManager
import struct Foundation.URL

@Suite struct BundleRoundTripTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private static func bytes(of tensor: TensorBytes) -> [UInt8] {
        tensor.array
    }

    private func expectEqual(_ bundle: Bundle, _ source: SyntheticSource) throws {
        #expect(bundle.tensors == source.tensors)
        for index in source.tensors.indices {
            #expect(Self.bytes(of: try bundle.load(index)) == source.contents[index], "\(source.tensors[index].name)")
        }
    }

    @Test(arguments: ElementType.allCases)
    func givesEveryTypeBackInOddSizes(_ type: ElementType) throws {
        let block = type.block.elementCount
        let element = type.isQuantized ? 1 : block
        let source = SyntheticSource([
            ("none", type, [0, block]), ("one", type, [block]), ("row", type, [1, 3 * block]),
            ("odd", type, [3, 5 * element]), ("cube", type, [2, 3, 2 * block]),
            ("large", type, [20_001 / type.block.byteCount, block]), ("scalar", .f32, []),
        ])
        for profile in BundleProfile.allCases {
            let path = folder.path("\(type)-\(profile).mmpack")
            _ = try BundleWriting.write(source, to: path, profile: profile)
            let bundle = try Bundle.open(path)
            try expectEqual(bundle, source)
            _ = try bundle.verifyIntegrity(width: 2)
        }
    }

    @Test func writesTheSameBytesWithAnyNumberOfThreads() throws {
        let source = SyntheticSource([
            ("a", .bf16, [800, 701]), ("b", .f32, [512]), ("c", .f16, [300, 1_001]), ("d", .q4_0, [300, 1_024]),
            ("e", .f32, [300, 701]),
        ])
        for (shard, files) in [(4 << 30, 1), (1_200_000, 4)] {
            var first: [Data] = []
            for width in [1, 2, 8] {
                let summary = try BundleWriting.write(
                    source,
                    to: folder.path("w\(width)-\(shard).mmpack"),
                    shardByteCount: shard,
                    width: width
                )
                let contents = try summary.paths.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
                #expect(contents.count == files)
                #expect(contents.allSatisfy { $0.count <= shard })
                if first.isEmpty { first = contents }
                #expect(contents == first)
                let bundle = try Bundle.open(summary.paths[contents.count - 1])
                try expectEqual(bundle, source)
                let report = try bundle.verifyIntegrity(width: width)
                #expect(report.logicalByteCount == summary.logicalByteCount)
                #expect(report.byteCount == summary.byteCount)
            }
        }
    }

    @Test func keepsManifestAndAssets() throws {
        let source = BundleWriting.smallSource()
        let path = folder.path("m.mmpack")
        let summary = try BundleWriting.write(source, to: path)
        let bundle = try Bundle.open(path)
        #expect(summary.paths == [path])
        #expect(summary.identity == bundle.manifest.identity)
        #expect(try bundle.assets == source.assets)
        #expect(bundle.manifest.components == ["text", "vision"])
        #expect(bundle.manifest.tensors.map(\.role) == (0..<6).map { "role-\($0 % 3)" })
        #expect(bundle.manifest.tensors[0].sourceName == "old.embed")
        #expect(bundle.manifest.tensors[0].encoding == .compact)
        #expect(bundle.manifest.provenance["tool"]?["name"] == "tests")
        #expect(bundle.configuration == .bundle(["architecture": "synthetic", "knobs": ["layers": 2]]))
    }

    @Test func readsAnyRange() throws {
        let source = SyntheticSource([("a", .bf16, [700, 601]), ("b", .u8, [70_000])])
        let path = folder.path("r.mmpack")
        _ = try BundleWriting.write(source, to: path)
        let bundle = try Bundle.open(path, access: BundleAccess(isMapping: false))
        var generator = SplitMix64(state: 3)
        for _ in 0..<200 {
            let index = Int(generator.next() % 2)
            let total = source.contents[index].count
            let offset = Int(generator.next() % UInt64(total))
            let count = min(total - offset, Int(generator.next() % 600_000))
            var bytes = [UInt8](repeating: 0, count: count)
            var span = bytes.mutableSpan
            var raw = span.mutableBytes
            try bundle.read(index, at: offset, into: &raw)
            #expect(bytes == Array(source.contents[index][offset..<offset + count]))
        }
        try expectEqual(bundle, source)
    }

    @Test func aBundleOfABundleKeepsNamesAndRoles() throws {
        let source = BundleWriting.smallSource()
        let path = folder.path("first.mmpack")
        _ = try BundleWriting.write(source, to: path)
        let first = try Bundle.open(path)
        let again = folder.path("second.mmpack")
        _ = try BundleWriting.pending(try BundleContent(of: first), to: again, profile: .raw).commit()
        let second = try Bundle.open(again)
        try expectEqual(second, source)
        #expect(second.manifest.tensors.map(\.role) == first.manifest.tensors.map(\.role))
        #expect(second.manifest.tensors.map(\.sourceName) == first.manifest.tensors.map(\.sourceName))
        #expect(second.manifest.tensors.map(\.digest) == first.manifest.tensors.map(\.digest))
        #expect(second.manifest.model == first.manifest.model)
        #expect(try second.assets == first.assets)
        #expect(second.manifest.tensors.allSatisfy { $0.encoding == .raw })
    }

    @Test func placesTensorsAsTheFormatSays() throws {
        let source = SyntheticSource([
            ("big", .u8, [40_000]), ("s1", .f32, [3]), ("s2", .f32, [5]), ("big2", .i8, [16_384]),
            ("c", .bf16, [9_000]), ("c2", .bf16, [9_000]),
        ])
        let path = folder.path("p.mmpack")
        _ = try BundleWriting.write(source, to: path)
        let file = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        let table = (0..<8).reduce(0) { $0 | Int(file[32 + $1]) << (8 * $1) }
        let offsets = (0..<6).map { row in
            (0..<8).reduce(0) { $0 | Int(file[table + 72 * row + $1]) << (8 * $1) }
        }
        #expect(offsets[0] == 16_384)
        #expect(offsets[1] == 56_384 && offsets[1] % 64 == 0)
        #expect(offsets[2] == offsets[1] + 64)
        #expect(offsets[3] == 65_536)
        #expect(offsets[4] == 81_920)
        #expect(offsets[5] % 4_096 == 0 && offsets[5] - offsets[4] < 18_000 + 4_096)
    }

    @Test func storesRawWhatDoesNotCompress() throws {
        var source = SyntheticSource([("noise", .u8, [200_000])])
        let tensor = TensorDescriptor(name: "noise", type: .bf16, shape: try #require(Shape([100_000])))
        source = SyntheticSource(tensors: [try #require(tensor)], contents: source.contents)
        let path = folder.path("n.mmpack")
        _ = try BundleWriting.write(source, to: path)
        #expect(try Bundle.open(path).manifest.tensors[0].encoding == .raw)
    }
}

extension SyntheticSource {
    init(tensors: [TensorDescriptor], contents: [[UInt8]]) {
        self.tensors = tensors
        self.contents = contents
    }
}
