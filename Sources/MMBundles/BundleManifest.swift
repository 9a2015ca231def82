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
    static func write(_ content: Content, piece: (_ bytes: [UInt8]) -> Void) {
        var output: [UInt8] = []
        var opening = "{"
        func begin(_ name: String) {
            output += "\(opening)\"\(name)\":".utf8
            opening = ","
        }
        func member(_ name: String, _ value: JSONValue) {
            begin(name)
            value.write(into: &output, layout: .canonical)
        }
        // In the order of the names' bytes.
        member("assets", .array(content.assets.map(\.json)))
        member("components", .array(content.components.map { .text($0) }))
        member("format", .text(BundleFormat.name))
        member("ledger", content.ledger)
        member("model", content.model)
        member("parts", .array(content.parts.map(\.json)))
        member("provenance", content.provenance)
        begin("tensors")
        output.append(UInt8(ascii: "["))
        for index in 0..<content.tensorCount {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            content.tensor(index).json.write(into: &output, layout: .canonical)
            if output.count >= pieceByteCount {
                piece(output)
                output.removeAll(keepingCapacity: true)
            }
        }
        output.append(UInt8(ascii: "]"))
        member("version", .integer(Int(BundleFormat.version)))
        output.append(UInt8(ascii: "}"))
        piece(output)
    }

    private static let pieceByteCount = 1 << 20

    /// Throws `BundleError` unless a reader takes the text: its length, depth and number of values are within the limits.
    static func checkReadable(_ text: [UInt8]) throws(BundleError) {
        do throws(ParseError) {
            var reader = try JSONReader(text.span, limits: limits)
            try reader.skipValue()
            try reader.finish()
        } catch {
            throw BundleError(.malformedManifest(error))
        }
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
