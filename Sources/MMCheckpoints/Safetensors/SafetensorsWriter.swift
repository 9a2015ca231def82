package import MMBytes
internal import MMStorage
package import MMTensors

/// Writes tensors as `model.safetensors`, or as shards with `model.safetensors.index.json` where they are larger than
/// one file may be.
///
/// Bytes are those that the reference implementation writes: within a file, types in descending order of the dtype
/// table (so that larger elements come first and all stay aligned), then names; the header padded to 8 with spaces.
package struct SafetensorsWriter: Sendable {
    /// The files of weights, in order.
    package let shards: [SafetensorsShard]
    let tensors: [TensorDescriptor]

    /// Lays the files out.
    ///
    /// - Parameters:
    ///   - tensors: names, types and shapes, in the order in which shards fill up.
    ///   - metadata: the entries of `__metadata__`, names and strings.
    ///   - shardByteCount: most bytes of tensors in one file; a larger tensor gets a file of its own.
    ///
    /// Throws `SafetensorsWriterError` for what the format cannot hold.
    package init(
        _ tensors: [TensorDescriptor],
        metadata: [JSONMember] = [JSONMember(name: "format", value: "pt")],
        shardByteCount: Int = .max
    ) throws(SafetensorsWriterError) {
        try Self.check(tensors)
        self.tensors = tensors
        let groups = Self.groups(tensors, shardByteCount: shardByteCount)
        var shards: [SafetensorsShard] = []
        for (index, group) in groups.enumerated() {
            let name = Self.fileName(index, of: groups.count)
            shards.append(try SafetensorsShard(group, of: tensors, metadata: metadata, fileName: name))
        }
        self.shards = shards
    }

    /// Bytes of all tensors together, headers not counted.
    package var tensorByteCount: Int { tensors.reduce(0) { $0 + $1.byteCount } }

    /// The index of a sharded checkpoint as transformers writes it; nil for a single file.
    package var index: JSONValue? {
        guard shards.count > 1 else { return nil }
        let map = shards.flatMap { shard in
            shard.tensors.map { JSONMember(name: tensors[$0].name, value: .text(shard.fileName)) }
        }
        return [
            "metadata": ["total_size": .integer(tensorByteCount)],
            "weight_map": .object(map.sorted { $0.name < $1.name }),
        ]
    }

    private static func check(_ tensors: [TensorDescriptor]) throws(SafetensorsWriterError) {
        var names: Set<ByteString> = []
        guard tensors.count <= Safetensors.tensorCountLimit else {
            throw SafetensorsWriterError(.tooManyTensors(allowed: Safetensors.tensorCountLimit), tensor: nil)
        }
        for tensor in tensors {
            guard Safetensors.typesBySpelling[ByteString(tensor.type.rawValue)] != nil else {
                throw SafetensorsWriterError(.type(tensor.type), tensor: tensor.name)
            }
            guard tensor.name.isValidUTF8, !tensor.name.hasControlCharacters, tensor.name != Safetensors.metadataName
            else { throw SafetensorsWriterError(.name, tensor: tensor.name) }
            guard names.insert(tensor.name).inserted else {
                throw SafetensorsWriterError(.duplicateName, tensor: tensor.name)
            }
        }
    }

    /// Indices of tensors, file by file: each takes the next tensor while it fits, as transformers does.
    private static func groups(_ tensors: [TensorDescriptor], shardByteCount: Int) -> [[Int]] {
        var groups: [[Int]] = [[]]
        var byteCount = 0
        for (index, tensor) in tensors.enumerated() {
            // Both are bytes of tensors of one checkpoint, and byteCount is at most shardByteCount or one tensor's.
            if let last = groups.last, !last.isEmpty, tensor.byteCount > max(0, shardByteCount - byteCount) {
                groups.append([])
                byteCount = 0
            }
            groups[groups.count - 1].append(index)
            byteCount += tensor.byteCount
        }
        return groups
    }

    private static func fileName(_ index: Int, of count: Int) -> String {
        guard count > 1 else { return "model.safetensors" }
        return "model-\((index + 1).zeroPadded(toDigits: 5))-of-\(count.zeroPadded(toDigits: 5)).safetensors"
    }
}
