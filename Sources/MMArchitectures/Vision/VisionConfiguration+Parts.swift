extension VisionConfiguration {
    /// What one token is made of: `channelCount` x `frameCount` x `side` x `side` values, through one matrix.
    package struct Patch: Sendable, Hashable {
        package var side: Int
        /// Frames of a film that make one patch; 1 for pictures.
        package var frameCount: Int
        package var channelCount: Int
        package var hasBias: Bool

        package init(side: Int, frameCount: Int = 1, channelCount: Int = 3, hasBias: Bool) {
            self.side = side
            self.frameCount = frameCount
            self.channelCount = channelCount
            self.hasBias = hasBias
        }
    }

    /// What is added to the patches so that they know where they are.
    package enum Position: Sendable, Hashable {
        case none
        /// A learned row for each patch of a square of `side` x `side`.
        case learned(side: Int, interpolation: Interpolation)
        /// Sines and cosines of 10000^(-j / (d / 4)) times the column, then of the row, each the sines first
        /// (AIMv2, arXiv 2411.14402; MAE's layout).
        case sinusoidal
    }

    /// How a learned square of positions serves a picture of another size.
    package enum Interpolation: String, Sendable, Hashable, CaseIterable {
        /// Not at all.
        case none
        /// Cubic convolution with a = -0.75 between pixel centres, edges repeated: torch's `interpolate`.
        case bicubic
        /// Linear, corners on corners.
        case bilinear
        /// The row whose share of the square the patch's upper left corner is in: NaViT's fractional coordinates
        /// (arXiv 2307.06304) as Idefics 2 and 3 bucket them.
        case bucketed
    }

    package enum Norm: String, Sendable, Hashable, CaseIterable {
        case layer
        case rms
    }

    /// The norm behind the last layer.
    package enum PostNorm: String, Sendable, Hashable, CaseIterable {
        case none
        /// Of every token: the tower's output is normed.
        case all
        /// Of the class token alone, which is then the pooled picture; the tower's output is not normed (CLIP).
        case classToken = "class"
    }

    /// An RMS norm of queries and keys.
    package enum QueryKeyNorm: String, Sendable, Hashable, CaseIterable {
        case none
        /// Over all heads together.
        case full
        /// Over each head by itself.
        case head
    }

    /// Attention within squares of patches, except in some layers (Qwen2.5-VL, arXiv 2502.13923).
    package struct Window: Sendable, Hashable {
        /// Patches of a window's side, a multiple of `mergeSide`.
        package var side: Int
        /// Layers whose attention is over the whole picture.
        package var fullLayers: Set<Int>

        package init(side: Int, fullLayers: Set<Int>) {
            self.side = side
            self.fullLayers = fullLayers
        }
    }

    package var headWidth: Int { modelWidth / max(headCount, 1) }

    /// Values that one patch is made of.
    package var patchElementCount: Int { patch.channelCount * patch.frameCount * patch.side * patch.side }
}
