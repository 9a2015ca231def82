/// A named activation of the decoder: what tests and the search for the first bad layer look at.
package enum DecoderActivation: Sendable, Hashable {
    /// The embedding, before layer 0: modelWidth elements.
    case embedding
    /// The residual stream after a layer: modelWidth elements.
    case layer(Int)
    /// After the final norm, before the head: modelWidth elements.
    case finalNorm
    /// vocabularyCount elements, for the positions that logits are wanted of.
    case logits
}

extension DecoderActivation: CustomStringConvertible {
    package var description: String {
        switch self {
        case .embedding: "text.embed"
        case .layer(let index): "text.layer.\(index)"
        case .finalNorm: "text.norm"
        case .logits: "logits"
        }
    }
}

/// Is shown the named activations of every position as they are computed, on the calling thread.
package typealias DecoderProbe = (_ activation: DecoderActivation, _ position: Int, _ values: Span<Float>) throws ->
    Void
