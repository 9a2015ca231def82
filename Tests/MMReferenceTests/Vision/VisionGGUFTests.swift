import MMArchitectures
import MMBytes
import MMReference
import MMStorage
import MMTensors
import MMTestSupport
import Testing

/// Towers as llama.cpp's converter lays them out in an mmproj file.
@Suite struct VisionGGUFTests {
    /// The Qwen2-VL and Qwen2.5-VL towers with the names, the split convolution and the keys of
    /// llama.cpp's conversion/qwenvl.py.
    private func source(_ oracle: VisionOracle, projector: String) throws -> ConfiguredSource {
        var source = try ConfiguredSource(folder: oracle.name)
        var entries: [MemorySource.Entry] = []
        for entry in try oracle.source().entries {
            let name = Self.name(entry.descriptor.name.string)
            let (shape, bytes) = (entry.descriptor.shape.dimensions, entry.bytes)
            guard shape.count == 5 else {
                entries.append(try #require(MemorySource.Entry(name, .f32, shape, bytes: bytes)))
                continue
            }
            let matrix = shape[3] * shape[4] * 4
            for frame in 0..<2 {
                let half = stride(from: frame * matrix, to: bytes.count, by: 2 * matrix)
                    .flatMap { bytes[$0..<$0 + matrix] }
                let inner = [shape[0], shape[1], shape[3], shape[4]]
                let suffix = frame == 0 ? "" : ".1"
                entries.append(try #require(MemorySource.Entry(name + suffix, .f32, inner, bytes: half)))
            }
        }
        source.memory = MemorySource(entries)
        let configuration = oracle.configuration
        source.configuration = .gguf([
            "general.architecture": "clip", "clip.projector_type": .text(projector),
            "clip.has_vision_encoder": true, "clip.vision.image_size": 560, "clip.vision.projection_dim": 40,
            "clip.vision.patch_size": .integer(configuration.patch.side),
            "clip.vision.embedding_length": .integer(configuration.modelWidth),
            "clip.vision.feed_forward_length": .integer(configuration.feedForwardWidth),
            "clip.vision.block_count": .integer(configuration.layerCount),
            "clip.vision.attention.head_count": .integer(configuration.headCount),
            "clip.vision.n_wa_pattern": 2,
        ])
        return source
    }

    private static func name(_ bundleName: String) -> String {
        [
            ("vision.layers.", "v.blk."), ("vision.patch.", "v.patch_embd."), ("connector.norm.", "v.post_ln."),
            ("connector.linear1.", "mm.0."), ("connector.linear2.", "mm.2."), (".norm1.", ".ln1."),
            (".norm2.", ".ln2."), (".attn.o.", ".attn_out."), (".attn.", ".attn_"), (".mlp.", ".ffn_"),
        ].reduce(bundleName) { $0.replacing($1.0, with: $1.1) }
    }

    @Test func aSplitConvolutionIsPutTogether() throws {
        let oracle = VisionOracle.qwen25
        let found = try MappedSource.resolve(try source(oracle, projector: "qwen2.5vl_merger"))
        #expect(found.model.architectureID == "qwen2.5-vl-vision")
        var expected = oracle.configuration
        // The keys know windows of 112 pixels only, and a pattern of full layers.
        expected.window?.side = 28
        #expect(found.model.vision == expected)
        #expect(found.model.connector == oracle.connector)
        let reference = try oracle.source()
        for entry in try MemorySource(copying: found).entries {
            #expect(entry.bytes == reference[entry.descriptor.name.string]?.bytes, "\(entry.descriptor.name)")
        }
        let frames = found.ledger.claimed.filter { $0.name == "vision.patch.weight" }
        #expect(frames.map { $0.operation?.description } == ["frame(0)", "frame(1)"])
    }

    @Test func oldFilesWithUpAndDownExchangedAreTheSameTower() throws {
        var source = try source(.qwen2, projector: "qwen2vl_merger")
        source.memory.entries = source.memory.entries.map { entry in
            var entry = entry
            let name = entry.descriptor.name.string
            let other =
                name.contains("ffn_up")
                ? name.replacing("ffn_up", with: "ffn_down") : name.replacing("ffn_down", with: "ffn_up")
            entry.descriptor = entry.descriptor.renamed(ByteString(other))
            return entry
        }
        // llama.cpp's converter says the text model's width here; the class's ratio of 4 holds instead.
        let found = try? MappedSource.resolve(source)
        #expect(found?.model.vision == nil)
        guard case .gguf(let json) = source.configuration else { return }
        source.configuration = .gguf(.object((json.members ?? []).filter { $0.name != "clip.vision.n_wa_pattern" }))
        var wide = VisionOracle.qwen2.configuration
        wide.feedForwardWidth = 48
        let mapped = try MappedSource.resolve(source, in: try Self.catalog(ratio: 2))
        #expect(mapped.model.vision == wide)
        let reference = try VisionOracle.qwen2.source()
        for entry in try MemorySource(copying: mapped).entries {
            #expect(entry.bytes == reference[entry.descriptor.name.string]?.bytes, "\(entry.descriptor.name)")
        }
    }

    /// The descriptions with another ratio of the feed-forward width of Qwen2-VL, which GGUF does not keep.
    private static func catalog(ratio: Int) throws -> ArchitectureCatalog {
        let texts = ArchitectureCatalog.embeddedTexts.map { text in
            let changed = String(decoding: text, as: UTF8.self)
                .replacing("\"from\": [\"mlp_ratio\"], \"default\": 4", with: "\"from\": [], \"default\": \(ratio)")
            return Array(changed.utf8)
        }
        return try ArchitectureCatalog(parsing: texts)
    }
}
