internal import MMBytes
internal import MMCodecs
internal import MMStorage
internal import MMTensors

extension BundleManifest {
    /// Reads the manifest strictly. What it says of chunks is checked against the tables by `BundleLayout`.
    ///
    /// The tensors, which may be many, are read one at a time. Throws `BundleError`, which names the tensor or asset.
    init(parsing bytes: [UInt8]) throws(BundleError) {
        var read = ManifestReading()
        do {
            try read.parse(bytes)
        } catch let error as BundleError {
            throw error
        } catch let error as ParseError {
            throw BundleError(.malformedManifest(error))
        } catch {
            throw BundleError(.damagedManifest)
        }
        var members = try ManifestMembers(.object(read.members), what: "manifest")
        guard try members.string("format") == ByteString(BundleFormat.name) else {
            throw BundleError(.wrongMember("manifest.format", expected: "\"\(BundleFormat.name)\""))
        }
        guard try members.count("version") == Int(BundleFormat.version) else {
            throw BundleError(.wrongMember("manifest.version", expected: "\(BundleFormat.version)"))
        }
        identity = SHA256Digest(of: bytes)
        model = try members.object("model")
        provenance = try members.object("provenance")
        ledger = try members.object("ledger")
        components = try Self.components(try members.array("components", limit: BundleFormat.tensorCountLimit))
        guard let tensors = read.tensors else { throw BundleError(.missingMember("manifest.tensors")) }
        self.tensors = tensors
        assets = try Self.assets(try members.array("assets", limit: BundleFormat.assetCountLimit))
        parts = try Self.parts(try members.array("parts", limit: BundleFormat.partCountLimit))
        try members.finish(known: [
            "format", "version", "model", "provenance", "ledger", "components", "assets", "parts",
        ])
        try checkComponents()
    }

    private static func components(_ values: [JSONValue]) throws(BundleError) -> [String] {
        var components: [String] = []
        for value in values {
            guard let name = value.string, !name.isEmpty else {
                throw BundleError(.wrongMember("manifest.components", expected: "an array of strings"))
            }
            components.append(name.string)
        }
        return components
    }

    /// The list is that of the tensors' components, each once, by first appearance.
    private func checkComponents() throws(BundleError) {
        let used = Self.components(of: tensors.map(\.component))
        guard components.map({ ByteString($0) }) == used.map({ ByteString($0) }) else {
            throw BundleError(.wrongMember("manifest.components", expected: "the list of the tensors' components"))
        }
    }

    /// Each component once, in the order of first appearance.
    static func components(of tensorComponents: [String]) -> [String] {
        var seen: Set<ByteString> = []
        return tensorComponents.filter { seen.insert(ByteString($0)).inserted }
    }

    private static func assets(_ values: [JSONValue]) throws(BundleError) -> [BundleAsset] {
        var names: Set<ByteString> = []
        var assets: [BundleAsset] = []
        var byteCount = 0
        for value in values {
            let asset = try BundleAsset(parsing: value)
            guard names.insert(asset.name).inserted else { throw BundleError(.duplicateName, subject: asset.name) }
            guard asset.byteCount <= BundleFormat.assetByteCountLimit - byteCount else {
                throw BundleError(
                    .tooLarge(
                        what: "length of all assets",
                        found: byteCount.adding(asset.byteCount) ?? .max,
                        allowed: BundleFormat.assetByteCountLimit
                    ),
                    subject: asset.name
                )
            }
            byteCount += asset.byteCount
            assets.append(asset)
        }
        return assets
    }

    private static func parts(_ values: [JSONValue]) throws(BundleError) -> [BundlePart] {
        var parts: [BundlePart] = []
        for value in values {
            var members = try ManifestMembers(value, what: "part")
            parts.append(
                BundlePart(
                    chunkTableOffset: try members.count("chunkTableOffset"),
                    chunkCount: try members.count("chunkCount"),
                    chunkTableDigest: try members.digest("chunkTableSha256")
                )
            )
            try members.finish(known: ["chunkTableOffset", "chunkCount", "chunkTableSha256"])
        }
        return parts
    }
}

extension BundleTensor {
    private static let knownMembers: Set<ByteString> = [
        "name", "type", "shape", "role", "component", "encoding", "part", "firstChunk", "chunkCount", "sha256",
        "source",
    ]

    init(parsing value: JSONValue) throws(BundleError) {
        var members = try ManifestMembers(value, what: "tensor")
        let name = try members.string("name")
        do throws(BundleError) {
            try self.init(name: name, members: &members)
            try members.finish(known: Self.knownMembers)
        } catch {
            throw BundleError(error.reason, subject: name)
        }
    }

    private init(name: ByteString, members: inout ManifestMembers) throws(BundleError) {
        let typeName = try members.string("type")
        guard let type = ElementType(rawValue: typeName.string) else { throw BundleError(.unknownType(typeName)) }
        var dimensions: [Int] = []
        for element in try members.array("shape", limit: Shape.rankLimit) {
            guard let dimension = element.integer, dimension >= 0 else {
                throw BundleError(.wrongMember("tensor.shape", expected: "an array of integers from 0"))
            }
            dimensions.append(dimension)
        }
        guard let shape = Shape(dimensions), let descriptor = TensorDescriptor(name: name, type: type, shape: shape)
        else { throw BundleError(.impossibleShape) }
        guard let encoding = BundleEncoding(rawValue: try members.string("encoding").string) else {
            throw BundleError(.wrongMember("tensor.encoding", expected: "\"raw\" or \"compact\""))
        }
        let source = members.optional("source")
        guard source == nil || source?.string != nil, source?.string != name else {
            throw BundleError(.wrongMember("tensor.source", expected: "a string other than the name"))
        }
        self.descriptor = descriptor
        self.encoding = encoding
        role = try members.string("role").string
        component = try members.string("component").string
        sourceName = source?.string ?? name
        part = try members.count("part")
        firstChunk = try members.count("firstChunk")
        chunkCount = try members.count("chunkCount")
        digest = try members.digest("sha256")
    }
}

extension BundleAsset {
    fileprivate init(parsing value: JSONValue) throws(BundleError) {
        var members = try ManifestMembers(value, what: "asset")
        let name = try members.string("name")
        guard AnchoredDirectory.isPlainName(name) else { throw BundleError(.badName, subject: name) }
        self.name = name
        byteCount = try members.count("byteCount")
        switch try members.string("encoding") {
        case "raw": encoding = .raw
        case "zstd": encoding = .zstandard
        default: throw BundleError(.wrongMember("asset.encoding", expected: "\"raw\" or \"zstd\""), subject: name)
        }
        chunk = try members.count("chunk")
        digest = try members.digest("sha256")
        try members.finish(known: ["name", "byteCount", "encoding", "chunk", "sha256"])
    }
}
