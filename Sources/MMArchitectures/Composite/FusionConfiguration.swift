/// How the tokens of pictures and of text become one sequence.
package struct FusionConfiguration: Sendable, Hashable {
    /// The token id that stands where a token of a picture goes.
    package var placeholderID: Int
    package var mask: Mask
    package var positions: Positions
    package var arrangement: Arrangement
    package var prompt: PicturePrompt

    package enum Mask: String, Sendable, Hashable, CaseIterable {
        case causal
        /// Tokens of one picture see each other, in sliding layers as far as the window goes (Gemma 3).
        case pictures
        /// Everything before the answer sees itself, in every layer (PaliGemma).
        case prefix
    }

    package enum Positions: String, Sendable, Hashable, CaseIterable {
        case sequential
        /// Rows and columns of a picture count on from the position of the text before it; the text behind goes on from
        /// the highest (Qwen2-VL, arXiv 2409.12191).
        case axes
    }

    package enum Arrangement: String, Sendable, Hashable, CaseIterable {
        /// Tile after tile.
        case tiles
        /// The tile of the whole picture, then the rows of the others put together, without what pads the picture, the
        /// tensor `connector.newline` [d] behind every row (LLaVA-NeXT).
        case newlines
    }
}
