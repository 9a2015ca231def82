internal import MMBytes
internal import MMCodecs
internal import MMStorage
internal import MMTensors

/// Decides which tensors are stored compact: those that the profile allows and that become at least 3 % smaller, judged by
/// encoding a few pieces from fixed places.
struct EncodingChoice {
    let source: any TensorSource
    let profile: BundleProfile
    let width: Int

    /// Logical bytes of a piece of floats: a quarter of a chunk differs from it by 0.3 %.
    private static let pieceByteCount = 65_536
    /// One piece for so many chunks.
    private static let chunksPerPiece = 16
    private static let pieceLimit = 8
    /// Least saving in percent that is worth decoding.
    private static let leastSavingPercent = 3

    /// A piece from the middle of each of as many equal stretches of the tensor.
    private struct Sample: @unchecked Sendable {
        let encoder: ChunkEncoder
        let input: PageBuffer
        let output: PageBuffer
        let verdict: Verdict

        init(profile: BundleProfile) throws(CodecError) {
            encoder = try ChunkEncoder(profile: profile)
            input = PageBuffer(capacity: BundleFormat.chunkByteCount)
            output = PageBuffer(capacity: BundleFormat.chunkByteCount)
            verdict = Verdict()
        }
    }

    /// Written by a worker and then read by the consumer, in the pipeline's order.
    private final class Verdict: @unchecked Sendable {
        var encoding = BundleEncoding.raw
    }

    /// An encoding for every tensor.
    func encodings() throws -> [BundleEncoding] {
        let tensors = source.tensors
        var encodings = [BundleEncoding](repeating: .raw, count: tensors.count)
        let candidates = tensors.indices.filter {
            isCandidate(tensors[$0])
        }
        guard !candidates.isEmpty else { return encodings }
        let first = try Sample(profile: profile)
        try OrderedPipeline.run(
            count: candidates.count,
            width: width,
            scratch: { (try? Sample(profile: profile)) ?? first },
            make: { [source] index, sample in
                sample.verdict.encoding = try Self.judge(candidates[index], of: source, with: sample)
            },
            consume: { index, sample in encodings[candidates[index]] = sample.verdict.encoding }
        )
        return encodings
    }

    private func isCandidate(_ tensor: TensorDescriptor) -> Bool {
        let isAllowed =
            switch profile {
            case .raw: false
            case .device: !tensor.type.isQuantized
            case .archive: true
            }
        return isAllowed && ChunkForm(tensor.type) != nil && tensor.byteCount >= BundleFormat.smallTensorByteCount
    }

    private static func judge(
        _ index: Int,
        of source: any TensorSource,
        with sample: Sample
    ) throws -> BundleEncoding {
        let tensor = source.tensors[index]
        guard let form = ChunkForm(tensor.type) else { return .raw }
        let chunkCount = tensor.byteCount.dividedRoundingUp(by: SlabPlan.chunkByteCount(of: tensor))
        let pieceCount = min(pieceLimit, chunkCount.dividedRoundingUp(by: chunksPerPiece))
        let block = tensor.type.block.byteCount
        // Blocks gain little, so their pieces are whole chunks.
        let longest = tensor.type.isQuantized ? SlabPlan.chunkByteCount(of: tensor) : pieceByteCount
        let byteCount = min(longest, tensor.byteCount)
        var storedByteCount = 0
        for piece in 0..<pieceCount {
            let stretch = tensor.byteCount / pieceCount
            let middle = piece * stretch + (stretch - min(stretch, byteCount)) / 2
            let offset = min(middle / block * block, tensor.byteCount - byteCount)
            var bytes = sample.input.mutableBytes(byteCount)
            try source.read(index, at: offset, into: &bytes)
            var output = sample.output.mutableBytes(byteCount)
            storedByteCount += try sample.encoder.encode(bytes.bytes, form: form, into: &output).byteCount
        }
        // At most 8 pieces of 256 KiB: no overflow.
        let isSaving = storedByteCount * 100 <= pieceCount * byteCount * (100 - leastSavingPercent)
        return isSaving ? .compact : .raw
    }
}
