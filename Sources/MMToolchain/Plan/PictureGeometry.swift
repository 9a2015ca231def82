package import MMBytes

/// What becomes of a picture on its way to the decoder: `tileCount` tiles of `side` pixels at most, each cut into
/// `gridSide` x `gridSide` patches.
package struct PictureGeometry: Sendable, Hashable {
    package let policy: String
    package let side: Int
    package let tileCount: Int
    package let gridSide: Int
    /// Of all tiles.
    package let patchCount: Int
    package let tokenCount: Int

    package var json: JSONValue {
        [
            "policy": .text(policy), "side": .integer(side), "tiles": .integer(tileCount),
            "grid": [.integer(gridSide), .integer(gridSide)], "patches": .integer(patchCount),
            "tokens": .integer(tokenCount),
        ]
    }
}
