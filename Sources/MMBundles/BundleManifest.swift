public import MMBytes
public import MMCodecs
internal import MMTensors

/// The manifest of a bundle: everything that it says of itself.
public struct BundleManifest: Sendable, Hashable {
    /// SHA-256 of the manifest's bytes: the root that every other byte of the bundle hangs from.
    public let identity: SHA256Digest
    /// Architecture and resolved knobs, as the writer was given them.
    public let model: JSONValue
    /// The parts of the model, such as "text" and "vision".
    public let components: [String]
    /// In the order of the files.
    public let tensors: [BundleTensor]
    public let assets: [BundleAsset]
    /// Sources, tools, recipe.
    public let provenance: JSONValue
    /// What became of every tensor of the source.
    public let ledger: JSONValue
    public let parts: [BundlePart]
}

extension BundleManifest {
    /// The manifest as it is written: canonical JSON. `identity` is not part of it.
    static func serialized(
        model: JSONValue,
        components: [String],
        tensors: [BundleTensor],
        assets: [BundleAsset],
        provenance: JSONValue,
        ledger: JSONValue,
        parts: [BundlePart]
    ) -> [UInt8] {
        let manifest: JSONValue = [
            "format": .text(BundleFormat.name),
            "version": .integer(Int(BundleFormat.version)),
            "model": model,
            "components": .array(components.map { .text($0) }),
            "tensors": .array(tensors.map(\.json)),
            "assets": .array(assets.map(\.json)),
            "provenance": provenance,
            "ledger": ledger,
            "parts": .array(parts.map(\.json)),
        ]
        return manifest.serialized(.canonical)
    }
}

extension BundleTensor {
    fileprivate var json: JSONValue {
        var members: [(ByteString, JSONValue)] = [
            ("name", .string(name)),
            ("type", .text(descriptor.type.rawValue)),
            ("shape", .array(descriptor.shape.dimensions.map { .integer($0) })),
            ("role", .text(role)),
            ("component", .text(component)),
            ("encoding", .text(encoding.rawValue)),
            ("part", .integer(part)),
            ("firstChunk", .integer(firstChunk)),
            ("chunkCount", .integer(chunkCount)),
            ("sha256", .text(digest.hexadecimal)),
        ]
        if sourceName != name { members.append(("source", .string(sourceName))) }
        return .object(members.map { JSONMember(name: $0.0, value: $0.1) })
    }
}

extension BundleAsset {
    fileprivate var json: JSONValue {
        [
            "name": .string(name),
            "byteCount": .integer(byteCount),
            "encoding": .text(encoding == .raw ? "raw" : "zstd"),
            "chunk": .integer(chunk),
            "sha256": .text(digest.hexadecimal),
        ]
    }
}

extension BundlePart {
    fileprivate var json: JSONValue {
        [
            "chunkTableOffset": .integer(chunkTableOffset),
            "chunkCount": .integer(chunkCount),
            "chunkTableSha256": .text(chunkTableDigest.hexadecimal),
        ]
    }
}
