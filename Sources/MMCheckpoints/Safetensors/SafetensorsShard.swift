internal import MMBytes
internal import MMTensors

/// One file of a checkpoint that is to be written: its header, and where each tensor goes.
package struct SafetensorsShard: Sendable {
    package let fileName: String
    /// Indices of its tensors in the writer's list, in the order of their bytes.
    package let tensors: [Int]
    /// Where each of `tensors` begins, in bytes from the start of the file.
    let offsets: [Int]
    /// The length, the header, and its padding.
    let header: [UInt8]
    /// Bytes of the whole file.
    package let byteCount: Int

    init(
        _ indices: [Int],
        of descriptors: [TensorDescriptor],
        metadata: [JSONMember],
        fileName: String
    ) throws(SafetensorsWriterError) {
        let ranks = Dictionary(uniqueKeysWithValues: Safetensors.types.enumerated().map { ($1, $0) })
        let ordered = indices.sorted {
            let (left, right) = (descriptors[$0], descriptors[$1])
            let (leftRank, rightRank) = (ranks[left.type] ?? 0, ranks[right.type] ?? 0)
            return leftRank == rightRank ? left.name < right.name : leftRank > rightRank
        }
        var members: [JSONMember] = []
        if !metadata.isEmpty { members.append(JSONMember(name: Safetensors.metadataName, value: .object(metadata))) }
        var position = 0
        var begins: [Int] = []
        for index in ordered {
            let descriptor = descriptors[index]
            guard let end = position.adding(descriptor.byteCount) else {
                throw SafetensorsWriterError(.tooLarge, tensor: descriptor.name)
            }
            members.append(Self.entry(descriptor, begin: position, end: end))
            begins.append(position)
            position = end
        }
        var text = JSONValue.object(members).serialized(.compact)
        text.append(contentsOf: repeatElement(0x20, count: (8 - text.count % 8) % 8))
        guard text.count <= Safetensors.headerByteLimit else {
            throw SafetensorsWriterError(.headerTooLarge(found: text.count, allowed: Safetensors.headerByteLimit))
        }
        var writer = ByteWriter()
        writer.little(UInt64(text.count))
        writer.append(text)
        guard let byteCount = position.adding(writer.bytes.count) else { throw SafetensorsWriterError(.tooLarge) }
        header = writer.bytes
        self.byteCount = byteCount
        let dataOffset = header.count
        offsets = begins.map { dataOffset + $0 }
        tensors = ordered
        self.fileName = fileName
    }

    private static func entry(_ descriptor: TensorDescriptor, begin: Int, end: Int) -> JSONMember {
        let dimensions = descriptor.shape.dimensions.map { JSONValue.integer($0) }
        let value: JSONValue = .object([
            JSONMember(name: Safetensors.typeName, value: .text(descriptor.type.rawValue)),
            JSONMember(name: Safetensors.shapeName, value: .array(dimensions)),
            JSONMember(name: Safetensors.extentName, value: [.integer(begin), .integer(end)]),
        ])
        return JSONMember(name: descriptor.name, value: value)
    }
}
