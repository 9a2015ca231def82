internal import MMBytes
internal import MMCodecs
internal import MMStorage
internal import MMTensors
internal import Synchronization

/// The SHA-256 of every tensor's logical bytes: equal for the same tensor in every format and encoding.
enum TensorDigests {
    private static let sliceByteCount = 1 << 20

    static func compute(
        of source: any TensorSource,
        indices: [Int],
        width: Int,
        progress: @escaping ProgressHandler
    ) throws -> [SHA256Digest] {
        let total = indices.reduce(0) { $0 + source.tensors[$1].byteCount }
        var done = 0
        var digests: [SHA256Digest] = []
        try OrderedPipeline.run(
            count: indices.count,
            width: width,
            scratch: { DigestSlot(sliceByteCount: sliceByteCount) },
            make: { item, slot in slot.digest = try digest(indices[item], of: source, buffer: slot.buffer) },
            consume: { item, slot in
                if let digest = slot.digest { digests.append(digest) }
                done += source.tensors[indices[item]].byteCount
                progress(JobProgress(stage: "digest", done: done, total: total))
            }
        )
        return digests
    }

    private static func digest(_ index: Int, of source: any TensorSource, buffer: PageBuffer) throws -> SHA256Digest {
        let tensor = source.tensors[index]
        let block = tensor.type.block.byteCount
        let slice = sliceByteCount / block * block
        var hasher = SHA256Hasher()
        for offset in stride(from: 0, to: tensor.byteCount, by: slice) {
            var bytes = buffer.mutableBytes(min(slice, tensor.byteCount - offset))
            try source.read(index, at: offset, into: &bytes)
            hasher.update(bytes.bytes)
        }
        return hasher.finalize()
    }
}

/// Written by the worker that makes an item, read by the consumer after it: never at the same time.
private final class DigestSlot: @unchecked Sendable {
    let buffer: PageBuffer
    var digest: SHA256Digest?

    init(sliceByteCount: Int) {
        buffer = PageBuffer(capacity: sliceByteCount)
    }
}
