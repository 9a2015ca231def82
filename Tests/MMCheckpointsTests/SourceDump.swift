import MMBytes
import MMTensors
import MMTestSupport
import Testing

/// What a fixture's golden says of a source, and the same of a source that was opened.
struct SourceDump: Equatable {
    struct Tensor: Equatable {
        let name: ByteString
        let type: String
        let shape: [Int]
        let byteCount: Int
        let digest: String
    }

    let format: String
    /// Nil where the golden leaves it out.
    let metadata: JSONValue?
    let tensors: [Tensor]

    init(golden bytes: [UInt8]) throws {
        let document = try JSONValue(parsing: bytes)
        format = try #require(document["format"]?.string).string
        metadata = document["metadata"]
        tensors = try #require(document["tensors"]?.elements).map { tensor in
            Tensor(
                name: try #require(tensor["name"]?.string),
                type: try #require(tensor["dtype"]?.string).string,
                shape: try #require(tensor["shape"]?.elements).map { try #require($0.integer) },
                byteCount: try #require(tensor["nbytes"]?.integer),
                digest: try #require(tensor["sha256"]?.string).string
            )
        }
    }

    /// Reads every tensor twice, by position and from the mapping, and holds the two to each other.
    init(_ source: any TensorSource, withMetadata: Bool) throws {
        format = source.format
        metadata = withMetadata ? source.metadata : nil
        tensors = try source.tensors.enumerated().map { index, tensor in
            let read = try Self.bytes(index, of: source)
            let loaded = try source.load(index)
            let lent = loaded.bytes.withUnsafeBytes { Array($0) }
            #expect(read == lent)
            return Tensor(
                name: tensor.name,
                type: tensor.type.rawValue,
                shape: tensor.shape.dimensions,
                byteCount: tensor.byteCount,
                digest: Digest.sha256(read)
            )
        }
    }

    /// A tensor's bytes, read block by block from the middle outwards: first the second half, then the first.
    static func bytes(_ index: Int, of source: any TensorSource) throws -> [UInt8] {
        let tensor = source.tensors[index]
        let blockByteCount = tensor.type.block.byteCount
        let middle = tensor.byteCount / 2 / blockByteCount * blockByteCount
        let second = try bytes(index, of: source, middle..<tensor.byteCount)
        return try bytes(index, of: source, 0..<middle) + second
    }

    static func bytes(_ index: Int, of source: any TensorSource, _ range: Range<Int>) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0xA5, count: range.count)
        var span = bytes.mutableSpan
        var raw = span.mutableBytes
        try source.read(index, at: range.lowerBound, into: &raw)
        return bytes
    }
}
