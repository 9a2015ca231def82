public import MMBytes
internal import MMCodecs
internal import MMStorage
internal import MMTensors

/// Writes bundles. The same content, options and library versions give the same bytes, whatever the number of threads.
///
/// Memory: one or two slabs of 1 MiB a thread, never a whole tensor that is larger.
public struct BundleWriter: Sendable {
    private let options: BundleOptions

    public init(options: BundleOptions) {
        self.options = options
    }

    /// Writes the files of the bundle under temporary names beside `path`; `commit` gives them their names.
    ///
    /// One file where everything fits the shard size, else a set whose part 1 holds manifest and assets only.
    /// `provenance` gives an object and is called when the weights are written; `progress` is called on this thread.
    /// `digests`, of the source's files, go on while the tensors are hashed.
    /// Throws `BundleError` for content that no bundle can hold, `FileError`, and what the source throws. Whatever it
    /// throws, nothing is left behind.
    public func write(
        _ content: BundleContent,
        to path: String,
        digests: SourceDigests = SourceDigests([]),
        provenance: () throws -> JSONValue,
        progress: (BundleProgress) -> Void
    ) throws -> PendingBundle {
        let paths = BundlePaths(path)
        try FileSystem.checkTarget(path)
        try finishCommit(beside: paths)
        let existing = try paths.existing()
        for file in existing { try FileSystem.checkTarget(file) }
        if !options.replacing, let first = existing.first { throw FileError(.exists, path: first) }
        try ContentCheck(content).check()
        let encodings = try chooseEncodings(content)
        let rawByteCount = zip(content.source.tensors, encodings).reduce(0) { sum, tensor in
            sum.adding(tensor.1 == .raw ? tensor.0.byteCount : 0) ?? .max
        }
        try AtomicOutput.checkSpace(for: rawByteCount, at: path)
        let key = jobKey(content, encodings: encodings)
        let resumed =
            options.isResuming ? ResumedWriting(path: path, key: key, tensors: content.source.tensors) : nil
        let journal = try WriteJournal(path: path, key: key)
        let weights = try WeightsWriter(
            tensors: content.source.tensors,
            encodings: encodings,
            digests: digests,
            path: path,
            shardByteCount: options.shardByteCount,
            journal: journal,
            resumed: resumed
        )
        let assets = EncodedAssets(content.assets)
        defer { assets.finish() }
        try writeWeights(of: content, encodings: encodings, with: weights, beside: digests, progress: progress)
        try journal.finish()
        let finisher = BundleFinisher(
            content: content,
            provenance: try provenance(),
            weights: weights,
            assets: try assets.wait(),
            paths: paths,
            shardByteCount: options.shardByteCount
        )
        let finished = try finisher.finish()
        return PendingBundle(
            outputs: finished.outputs,
            journal: journal,
            paths: paths,
            replacing: options.replacing,
            summary: BundleSummary(
                paths: paths.finished(partCount: finished.outputs.count),
                byteCount: finished.byteCount,
                identity: finished.identity,
                tensorCount: content.source.tensors.count,
                logicalByteCount: weights.logicalByteCount
            )
        )
    }

    /// A set whose writer was killed while it gave the files their names is made whole first.
    private func finishCommit(beside paths: BundlePaths) throws {
        let lock = FolderLock(of: paths.path)
        defer { withExtendedLifetime(lock) {} }
        try BundleCommit(beside: paths)?.finish()
    }

    /// What decides the bytes of the weights: a writer goes on only with what the same job has written.
    private func jobKey(_ content: BundleContent, encodings: [BundleEncoding]) -> SHA256Digest {
        var hasher = SHA256Hasher()
        func add(_ text: String) {
            let bytes = Array((text + "\0").utf8)
            // UInt8 has no padding; a NUL parts the texts.
            hasher.update(unsafe bytes.span.bytes)
        }
        add("\(options.recipe) \(options.profile) \(options.shardByteCount)")
        for file in content.source.files {
            let identity = file.file.identity
            add("\(file.name) \(identity.device) \(identity.inode) \(identity.byteCount)")
            add("\(identity.modifiedSeconds) \(identity.modifiedNanoseconds)")
        }
        for (tensor, encoding) in zip(content.source.tensors, encodings) {
            add("\(tensor.name) \(tensor.type) \(tensor.shape) \(encoding)")
        }
        return hasher.finalize()
    }

    private func chooseEncodings(_ content: BundleContent) throws -> [BundleEncoding] {
        try EncodingChoice(source: content.source, profile: options.profile, width: options.width).encodings()
    }

    private func writeWeights(
        of content: BundleContent,
        encodings: [BundleEncoding],
        with weights: WeightsWriter,
        beside digests: SourceDigests,
        progress: (BundleProgress) -> Void
    ) throws {
        let source = content.source
        let tensors = source.tensors
        let spaceCount = max(1, options.width) + Self.slabsAhead
        let plan = SlabPlan(tensors)
        var spaces = try (0..<spaceCount).map { _ in
            SlabSpace(
                byteCount: plan.longestByteCount,
                encoder: encodings.contains(.compact) ? try ChunkEncoder(profile: options.profile) : nil
            )
        }
        // What was taken over from a writer that was killed is there.
        let first = plan.firstSlab(of: weights.entries.count)
        try OrderedPipeline.run(
            count: plan.count - first,
            width: options.width,
            ahead: Self.slabsAhead,
            scratch: { spaces.removeLast() },
            make: { index, space in
                let slab = plan[first + index]
                switch encodings[slab.tensor] {
                case .raw: try space.fillRaw(slab, from: source)
                case .compact: try space.fillCompact(slab, from: source)
                }
            },
            consume: { index, space in
                let slab = plan[first + index]
                try weights.write(slab, space)
                progress(
                    BundleProgress(
                        logicalByteCount: weights.logicalByteCount,
                        totalLogicalByteCount: weights.totalByteCount,
                        storedByteCount: weights.storedByteCount,
                        tensorName: tensors[slab.tensor].name
                    )
                )
            },
            idle: { try digests.advance() }
        )
    }

    private static let slabsAhead = 2
}
