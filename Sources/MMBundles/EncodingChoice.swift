internal import MMBytes
internal import MMCodecs
internal import MMStorage
internal import MMTensors

/// Decides which tensors are stored compact: those that zHUF can split and that become at least 3 % smaller, judged
/// by encoding a few pieces from fixed places.
struct EncodingChoice {
    let source: any TensorSource
    let width: Int

    /// Logical bytes of a piece: a quarter of a chunk differs from it by 0.3 % (docs of the measurements: chunk sizes).
    private static let pieceByteCount = 65_536
    /// One piece for so many chunks.
    private static let chunksPerPiece = 16
    private static let pieceLimit = 8
    /// Least saving in percent that is worth decoding.
    private static let leastSavingPercent = 3

    /// A piece from the middle of each of as many equal stretches of the tensor.
    private struct Sample: @unchecked Sendable {
        let encoder: ZHuffEncoder
        let input: PageBuffer
        let output: PageBuffer
        let verdict: Verdict

        init() throws(CodecError) {
            encoder = try ZHuffEncoder()
            input = PageBuffer(capacity: EncodingChoice.pieceByteCount)
            output = PageBuffer(capacity: EncodingChoice.pieceByteCount)
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
            tensors[$0].type.planeSplit != nil && tensors[$0].byteCount >= BundleFormat.smallTensorByteCount
        }
        guard !candidates.isEmpty else { return encodings }
        let first = try Sample()
        try OrderedPipeline.run(
            count: candidates.count,
            width: width,
            scratch: { (try? Sample()) ?? first },
            make: { [source] index, sample in
                sample.verdict.encoding = try Self.judge(candidates[index], of: source, with: sample)
            },
            consume: { index, sample in encodings[candidates[index]] = sample.verdict.encoding }
        )
        return encodings
    }

    private static func judge(
        _ index: Int,
        of source: any TensorSource,
        with sample: Sample
    ) throws -> BundleEncoding {
        let tensor = source.tensors[index]
        guard let split = tensor.type.planeSplit else { return .raw }
        let chunkCount = tensor.byteCount.dividedRoundingUp(by: SlabPlan.chunkByteCount(of: tensor))
        let pieceCount = min(pieceLimit, chunkCount.dividedRoundingUp(by: chunksPerPiece))
        let byteCount = min(pieceByteCount, tensor.byteCount)
        var storedByteCount = 0
        for piece in 0..<pieceCount {
            let stretch = tensor.byteCount / pieceCount
            let middle = piece * stretch + (stretch - min(stretch, byteCount)) / 2
            let offset = min(middle / split.planeCount * split.planeCount, tensor.byteCount - byteCount)
            var bytes = sample.input.mutableBytes(byteCount)
            try source.read(index, at: offset, into: &bytes)
            var output = sample.output.mutableBytes(byteCount)
            storedByteCount += try sample.encoder.encode(bytes.bytes, split: split, into: &output) ?? byteCount
        }
        // At most 8 pieces of 64 KiB: no overflow.
        let isSaving = storedByteCount * 100 <= pieceCount * byteCount * (100 - leastSavingPercent)
        return isSaving ? .compact : .raw
    }
}
