import MMReference
import MMTestSupport

/// What a decoder says of a sequence.
struct Evaluation {
    /// By activation, all positions one after another.
    var activations: [DecoderActivation: [Float]] = [:]

    var logits: [Float] { activations[.logits] ?? [] }

    init(
        _ decoder: ReferenceDecoder,
        _ tokens: [UInt32],
        batch: Int = 64,
        layout: SequenceLayout = SequenceLayout()
    ) throws {
        let state = try decoder.makeState(capacity: tokens.count, batchLimit: batch)
        state.layout = layout
        var collected: [DecoderActivation: [Float]] = [:]
        try decoder.evaluate(
            tokens,
            state: state,
            probe: { activation, _, values in
                values.withUnsafeBufferPointer { collected[activation, default: []] += $0 }
            },
            logits: { _, _ in }
        )
        activations = collected
    }
}

/// max |found - expected| / max |expected|.
func relativeError(_ found: [Float], _ expected: [Float]) -> Double {
    guard found.count == expected.count, !expected.isEmpty else { return .infinity }
    let worst = zip(found, expected).map { abs(Double($0) - Double($1)) }.max() ?? .infinity
    return worst / (expected.map { abs(Double($0)) }.max() ?? 0)
}

/// The index of the largest element of each row.
func likeliest(_ logits: [Float], vocabularyCount: Int) -> [Int] {
    stride(from: 0, to: logits.count, by: vocabularyCount).map { start in
        let row = Array(logits[start..<start + vocabularyCount])
        return TokenSampler.indexOfMaximum(row.span)
    }
}
