/// Tokens on their way through a connector, [token, width], and how they lie in the picture.
package struct TokenMap: Sendable {
    let values: FloatBuffer
    let tokenCount: Int
    let width: Int
    /// Tokens of a frame's rows and columns, behind `leadCount` others.
    let rows: Int
    let columns: Int
    let leadCount: Int
    /// Tokens of blocks of this side follow one another; 1 where they lie in rows.
    let blockSide: Int

    /// Whether the tokens are one frame in rows.
    var isPlain: Bool { blockSide == 1 && leadCount == 0 && tokenCount == rows * columns }
}
