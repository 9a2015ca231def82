public import MMBytes
internal import MMCodecs
internal import MMStorage

extension Bundle {
    /// What `inspect` shows of the bundle: its manifest but for the list of tensors.
    public var metadata: JSONValue {
        let stored = parts.reduce(0) { $0 + $1.file.byteCount }
        return [
            "format": .text(BundleFormat.name),
            "version": .integer(Int(BundleFormat.version)),
            "identity": .text(manifest.identity.hexadecimal),
            "byteCount": .integer(stored),
            "parts": .integer(parts.count),
            "components": .array(manifest.components.map { .text($0) }),
            "model": manifest.model,
            "provenance": manifest.provenance,
            "ledger": manifest.ledger,
            "assets": .array(
                manifest.assets.map { asset in
                    [
                        "name": .string(asset.name), "byteCount": .integer(asset.byteCount),
                        "sha256": .text(asset.digest.hexadecimal),
                    ]
                }
            ),
        ]
    }
}
