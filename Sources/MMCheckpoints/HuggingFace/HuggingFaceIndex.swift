internal import MMBytes
internal import MMStorage
internal import MMTensors

/// `model.safetensors.index.json`: which shard has which tensor.
struct HuggingFaceIndex {
    static let fileName: ByteString = "model.safetensors.index.json"
    private static let mapName: ByteString = "weight_map"

    /// The shard of each tensor.
    let shards: [ByteString: ByteString]

    /// Reads the index; throws `HuggingFaceError` or `FileError`.
    init(_ file: InputFile) throws {
        let limit = Safetensors.headerByteLimit
        guard file.byteCount <= limit else {
            let reason = ParseError.Reason.tooLarge(
                what: "index",
                found: UInt64(file.byteCount),
                allowed: UInt64(limit)
            )
            throw HuggingFaceError(.json(reason, offset: 0), path: file.path)
        }
        let text = try file.bytes(at: 0, byteCount: file.byteCount)
        do {
            shards = try Self.parse(text, path: file.path)
        } catch let error as ParseError {
            throw HuggingFaceError(.json(error.reason, offset: error.offset), path: file.path)
        }
        guard !shards.isEmpty else { throw HuggingFaceError(.emptyWeightMap, path: file.path) }
    }

    private static func parse(_ text: [UInt8], path: String) throws -> [ByteString: ByteString] {
        var reader = try JSONReader(text.span, limits: JSONLimits(valueCount: Safetensors.tensorCountLimit + 10_000))
        var names: Set<ByteString> = []
        var shards: [ByteString: ByteString]?
        try reader.beginObject()
        while let name = try reader.nextMember() {
            guard names.insert(name).inserted else {
                throw ParseError(.jsonDuplicateKey(name), offset: reader.nameOffset)
            }
            if name == mapName {
                shards = try readMap(&reader, path: path)
            } else {
                _ = try reader.value()
            }
        }
        try reader.finish()
        guard let shards else { throw HuggingFaceError(.missingWeightMap, path: path) }
        return shards
    }

    private static func readMap(_ reader: inout JSONReader, path: String) throws -> [ByteString: ByteString] {
        var shards: [ByteString: ByteString] = [:]
        var checkedNames: Set<ByteString> = []
        try reader.beginObject()
        while let tensor = try reader.nextMember() {
            let start = reader.nameOffset
            let shard = try reader.string()
            if checkedNames.insert(shard).inserted {
                guard AnchoredDirectory.isPlainName(shard), shard.hasSuffix(".safetensors") else {
                    throw HuggingFaceError(.nameNotPlain(shard), path: path, tensor: tensor)
                }
            }
            // Many tensors share a shard: keep one copy of its name.
            let known = checkedNames.firstIndex(of: shard).map { checkedNames[$0] } ?? shard
            guard shards.updateValue(known, forKey: tensor) == nil else {
                throw ParseError(.jsonDuplicateKey(tensor), offset: start)
            }
            guard shards.count <= Safetensors.tensorCountLimit else {
                throw HuggingFaceError(.tooManyTensors(allowed: Safetensors.tensorCountLimit), path: path)
            }
        }
        return shards
    }

    /// The shards that it names, sorted.
    var shardNames: [ByteString] { Set(shards.values).sorted() }

    /// Checks that every shard has exactly the tensors that the index places in it; throws `HuggingFaceError`.
    func check(_ files: [SafetensorsFile]) throws(HuggingFaceError) {
        var found: [ByteString: ByteString] = [:]
        for file in files {
            let name = ByteString(file.files[0].name)
            for tensor in file.tensors {
                if let other = found.updateValue(name, forKey: tensor.name) {
                    throw HuggingFaceError(
                        .duplicateTensor(other: other),
                        path: file.files[0].file.path,
                        tensor: tensor.name
                    )
                }
            }
        }
        for file in files {
            let path = file.files[0].file.path
            for tensor in file.tensors {
                guard let shard = shards[tensor.name] else {
                    throw HuggingFaceError(.tensorNotInIndex, path: path, tensor: tensor.name)
                }
                guard shard == found[tensor.name] else {
                    throw HuggingFaceError(.otherShard(named: shard), path: path, tensor: tensor.name)
                }
            }
        }
        guard shards.count > found.count else { return }
        for (tensor, shard) in shards.sorted(by: { $0.key < $1.key }) where found[tensor] == nil {
            let path = files.first?.files[0].file.path ?? ""
            throw HuggingFaceError(.tensorMissing(shard: shard), path: path, tensor: tensor)
        }
    }
}
