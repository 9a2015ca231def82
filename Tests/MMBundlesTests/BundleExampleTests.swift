import MMBundles
import MMBytes
import MMTensors
import MMTestSupport
import Testing

import struct Foundation.Data
import struct Foundation.URL

@Suite struct BundleExampleTests {
    /// The bytes of the dump in formats/mmpack.md: lines of an offset and up to 16 bytes, zeros between them.
    private func documentedBytes() throws -> [UInt8] {
        let url = Fixture.repository.appendingPathComponent("formats/mmpack.md")
        let text = String(decoding: try Data(contentsOf: url), as: UTF8.self)
        var bytes: [UInt8] = []
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard line.hasPrefix("    0"), let offset = fields.first, offset.count == 8,
                let start = Int(offset, radix: 16)
            else { continue }
            let row = fields.dropFirst().prefix { $0.count == 2 }.compactMap { UInt8($0, radix: 16) }
            bytes += [UInt8](repeating: 0, count: start - bytes.count) + row
        }
        return bytes
    }

    @Test func theSpecificationsExampleIsWhatTheWriterWrites() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("example.mmpack")
        let tensor = try #require(Shape([2]).flatMap { TensorDescriptor(name: "a", type: .f32, shape: $0) })
        var source = SyntheticSource(tensors: [tensor], contents: [[0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0]])
        source.assets = [Asset(name: "x.txt", bytes: Array("hi\n".utf8))]
        let content = BundleContent(
            source: source,
            roles: ["norm"],
            components: ["text"],
            sourceNames: ["A"],
            model: [:],
            ledger: [:],
            assets: source.assets
        )
        _ = try BundleWriter(options: BundleOptions(profile: .device, width: 1)).write(
            content,
            to: path,
            provenance: { [:] },
            progress: { _ in }
        ).commit()
        let written = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        #expect(written == (try documentedBytes()), "\(path)")
    }
}
