import MMBundles
import MMBytes
import MMTensors

/// Content and options as most tests want them.
enum BundleWriting {
    static func content(_ source: SyntheticSource) -> BundleContent {
        let count = source.tensors.count
        return BundleContent(
            source: source,
            roles: (0..<count).map { "role-\($0 % 3)" },
            components: (0..<count).map { $0 % 4 == 3 ? "vision" : "text" },
            sourceNames: source.tensors.map { ByteString("old.\($0.name.string)") },
            model: ["architecture": "synthetic", "knobs": ["layers": 2]],
            ledger: ["ignored": []],
            assets: source.assets
        )
    }

    static func pending(
        _ content: BundleContent,
        to path: String,
        profile: BundleProfile = .device,
        shardByteCount: Int = 4 << 30,
        width: Int = 2,
        replacing: Bool = false
    ) throws -> PendingBundle {
        try BundleWriter(
            options: BundleOptions(
                profile: profile,
                shardByteCount: shardByteCount,
                width: width,
                replacing: replacing
            )
        ).write(content, to: path, provenance: { ["tool": ["name": "tests"]] }, progress: { _ in })
    }

    static func write(
        _ source: SyntheticSource,
        to path: String,
        profile: BundleProfile = .device,
        shardByteCount: Int = 4 << 30,
        width: Int = 2,
        replacing: Bool = false
    ) throws -> BundleSummary {
        try pending(
            content(source),
            to: path,
            profile: profile,
            shardByteCount: shardByteCount,
            width: width,
            replacing: replacing
        ).commit()
    }

    /// A few KiB of everything: small and large raw tensors, compact ones, assets.
    static func smallSource(seed: UInt64 = 1) -> SyntheticSource {
        var source = SyntheticSource(
            [
                ("embed", .bf16, [96, 100]), ("norm", .f32, [100]), ("q", .q8_0, [4, 64]), ("empty", .f16, [0, 8]),
                ("scalar", .i64, []), ("big", .u8, [130, 127]),
            ],
            seed: seed
        )
        source.assets = [
            Asset(name: "tokenizer.json", bytes: Array(String(repeating: "{\"a\": 1}\n", count: 40).utf8)),
            Asset(name: "noise.bin", bytes: [3, 1, 4, 1, 5, 9, 2, 6]), Asset(name: "empty.txt", bytes: []),
        ]
        return source
    }
}

extension TensorBytes {
    /// A copy of the bytes.
    var array: [UInt8] { bytes.withUnsafeBytes { Array($0) } }
}
