import MMBundles
import MMBytes
import MMCodecs
import MMTensors
import MMTestSupport
import Testing

/// What each profile stores compact, of chunks that gain (fixtures/codecs) and of noise.
@Suite struct BundleProfileTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private static let gaining: [ElementType] = [
        .bf16, .f16, .f32, .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .q4_K, .q5_K, .q6_K, .iq4_NL,
    ]

    /// A tensor of each type that gains, two and a half chunks long, and one of noise.
    private static func source() throws -> SyntheticSource {
        var tensors: [TensorDescriptor] = []
        var contents: [[UInt8]] = []
        for type in gaining {
            let logical = try Fixture.bytes("codecs/\(type.rawValue).logical")
            let block = type.block
            let count = 655_360 / block.byteCount
            let bytes = repeatElement(logical, count: 655_360 / logical.count + 1).joined().prefix(
                count * block.byteCount
            )
            let shape = try #require(Shape([count, block.elementCount]))
            tensors.append(try #require(TensorDescriptor(name: .init(type.rawValue), type: type, shape: shape)))
            contents.append(Array(bytes))
        }
        let noise = SyntheticSource([("noise", .q8_0, [100, 1_024]), ("bytes", .u8, [300, 301])])
        return SyntheticSource(tensors: tensors + noise.tensors, contents: contents + noise.contents)
    }

    @Test func storesCompactWhatEachProfileSays() throws {
        let source = try Self.source()
        var digests: [[String]] = []
        for profile in BundleProfile.allCases {
            let path = folder.path("\(profile).mmpack")
            _ = try BundleWriting.write(source, to: path, profile: profile)
            let bundle = try Bundle.open(path)
            _ = try bundle.verifyIntegrity(width: 2)
            digests.append(bundle.manifest.tensors.map(\.digest.hexadecimal))
            for (index, storage) in try bundle.storages().enumerated() {
                let tensor = source.tensors[index]
                let isCompact =
                    switch profile {
                    case .raw: false
                    case .device: [.bf16, .f16, .f32].contains(tensor.type)
                    case .archive: Self.gaining.indices.contains(index)
                    }
                #expect(storage.encoding == (isCompact ? .compact : .raw), "\(tensor.name) \(profile)")
                #expect(isCompact == (storage.byteCount < tensor.byteCount))
                #expect(try bundle.load(index).array == source.contents[index])
            }
        }
        #expect(digests[0] == digests[1] && digests[0] == digests[2])
    }

    @Test func anotherProfileOfABundleIsTheBundleOfThatProfile() throws {
        let source = try Self.source()
        for from in BundleProfile.allCases {
            let first = folder.path("first-\(from).mmpack")
            _ = try BundleWriting.write(source, to: first, profile: from)
            let opened = try Bundle.open(first)
            for to in BundleProfile.allCases {
                let path = folder.path("\(from)-\(to).mmpack")
                _ = try BundleWriting.pending(BundleContent(of: opened), to: path, profile: to).commit()
                let again = try Bundle.open(path)
                let direct = folder.path("direct-\(to).mmpack")
                _ = try BundleWriting.write(source, to: direct, profile: to, replacing: true)
                #expect(try again.storages() == Bundle.open(direct).storages())
                #expect(again.manifest.tensors.map(\.digest) == opened.manifest.tensors.map(\.digest))
            }
        }
    }
}
