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
    /// What a manifest says, the tensors one at a time: their list as a JSON value would take most of the memory of
    /// writing a bundle of many.
    struct Content {
        let model: JSONValue
        let components: [String]
        let tensorCount: Int
        let tensor: (Int) -> BundleTensor
        let assets: [BundleAsset]
        let provenance: JSONValue
        let ledger: JSONValue
        let parts: [BundlePart]
    }

    /// Hands on the manifest as it is written, canonical JSON, in pieces. `identity` is not part of it.
    ///
    /// Throws `BundleError` for a manifest that no reader would take, and what `piece` throws.
    static func write(_ content: Content, piece: (_ bytes: [UInt8]) throws -> Void) throws {
        var writing = ManifestWriting()
        // In the order of the names' bytes.
        try writing.member("assets", .array(content.assets.map(\.json)), piece)
        try writing.member("components", .array(content.components.map { .text($0) }), piece)
        try writing.member("format", .text(BundleFormat.name), piece)
        try writing.member("ledger", content.ledger, piece)
        try writing.member("model", content.model, piece)
        try writing.member("parts", .array(content.parts.map(\.json)), piece)
        try writing.member("provenance", content.provenance, piece)
        try writing.array("tensors", count: content.tensorCount, element: { content.tensor($0).json }, piece)
        try writing.member("version", .integer(Int(BundleFormat.version)), piece)
        try writing.finish(piece)
    }

    static var limits: JSONLimits {
        JSONLimits(byteCount: BundleFormat.manifestByteCountLimit, depth: BundleFormat.manifestDepthLimit)
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
