internal import MMArchitectures

/// Learned rows that a connector adds to its tokens.
struct TokenPositions: Sendable {
    /// [skip + count, width].
    let table: FloatBuffer
    /// Rows before that of the first token.
    let skip: Int
    let count: Int
    /// How rows that lie as a square serve another grid of tokens.
    let interpolation: VisionConfiguration.Interpolation

    /// The side of the square that the rows lie as; nil where their number is none.
    var side: Int? {
        let side = Int(Double(count).squareRoot())
        return side * side == count ? side : nil
    }
}
