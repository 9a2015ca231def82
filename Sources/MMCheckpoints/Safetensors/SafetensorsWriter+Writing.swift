internal import MMBytes
package import MMStorage
internal import MMTensors

extension SafetensorsWriter {
    /// Fills `destination` with the bytes from `offset` of tensor `index` of the writer's list, in the type that the
    /// list gives it. Called on several threads at once; `offset` is a multiple of the row where rows are shorter than
    /// a slab (4 MiB), else of 2,048 elements.
    package typealias Reading =
        @Sendable (
            _ index: Int,
            _ offset: Int,
            _ destination: inout MutableRawSpan
        ) throws -> Void

    /// The name of the index file.
    package static let indexFileName = "model.safetensors.index.json"

    /// Bytes read at a time; memory grows with it and the width only.
    private static let slabByteCount = 4_194_304

    private struct Slab: Sendable {
        let shard: Int
        let tensor: Int
        /// From the start of the tensor.
        let offset: Int
        /// From the start of the file.
        let fileOffset: Int
        let byteCount: Int
    }

    /// Writes all files into `folder`, which exists: all of them appear, or none.
    ///
    /// - Parameters:
    ///   - replacing: whether files of the same names may be replaced; else `FileError` with `.exists`.
    ///   - others: written files that appear with the weights, or not at all.
    ///   - width: threads that read.
    ///   - progress: told how many bytes of tensors each step wrote; runs on the calling thread.
    ///   - beforeCommit: the last word on whether the files appear.
    /// - Returns: the names of the files, in order; the index comes last.
    package func write(
        to folder: String,
        beside others: [AtomicOutput] = [],
        replacing: Bool,
        width: Int,
        progress: (_ byteCount: Int) -> Void = { _ in },
        beforeCommit: () throws -> Void = {},
        reading: @escaping Reading
    ) throws -> [String] {
        var names = shards.map(\.fileName)
        let indexText = index.map { $0.serialized(.pretty) + [0x0A] }
        if indexText != nil { names.append(Self.indexFileName) }
        let paths = names.map { FileSystem.path(of: $0, in: folder) }
        AnchoredDirectory.prepareToOpen(fileCount: paths.count)
        let outputs = try paths.map { try AtomicOutput(path: $0) }
        for (shard, output) in zip(shards, outputs) {
            // UInt8 has no padding.
            try output.write(unsafe shard.header.span.bytes, at: 0)
        }
        let slabs = slabs
        try OrderedPipeline.run(
            count: slabs.count,
            width: width,
            scratch: { PageBuffer(capacity: Self.slabByteCount) },
            make: { index, buffer in
                var destination = buffer.mutableBytes(slabs[index].byteCount)
                try reading(slabs[index].tensor, slabs[index].offset, &destination)
            },
            consume: { index, buffer in
                let slab = slabs[index]
                try outputs[slab.shard].write(buffer.bytes(slab.byteCount), at: slab.fileOffset)
                progress(slab.byteCount)
            }
        )
        if let indexText, let output = outputs.last {
            // UInt8 has no padding.
            try output.write(unsafe indexText.span.bytes, at: 0)
        }
        try beforeCommit()
        try AtomicOutput.commit(outputs + others, to: paths + others.map(\.path), replacing: replacing)
        return names
    }

    private var slabs: [Slab] {
        var slabs: [Slab] = []
        for (shardIndex, shard) in shards.enumerated() {
            for (tensor, fileOffset) in zip(shard.tensors, shard.offsets) {
                let descriptor = tensors[tensor]
                // Whole rows, so that a reader need not begin inside one, unless a row is longer than a slab.
                let rows = Self.slabByteCount / max(1, descriptor.rowByteCount)
                let block = descriptor.type.block
                let unit = 2_048 / block.elementCount * block.byteCount
                let step = rows > 0 ? rows * max(1, descriptor.rowByteCount) : Self.slabByteCount / unit * unit
                for offset in stride(from: 0, to: descriptor.byteCount, by: step) {
                    slabs.append(
                        Slab(
                            shard: shardIndex,
                            tensor: tensor,
                            offset: offset,
                            fileOffset: fileOffset + offset,
                            byteCount: min(step, descriptor.byteCount - offset)
                        )
                    )
                }
            }
        }
        return slabs
    }
}
