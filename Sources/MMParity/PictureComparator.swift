package import MMReference

/// Runs two ways of pictures into a decoder side by side.
package struct PictureComparator: Sendable {
    private let base: PictureReader
    private let other: PictureReader
    private let towers: VisionComparator

    package init(base: PictureReader, other: PictureReader) {
        self.base = base
        self.other = other
        towers = VisionComparator(
            base: VisionComparator.Eye(tower: base.tower, connector: base.connector),
            other: VisionComparator.Eye(tower: other.tower, connector: other.connector)
        )
    }

    /// Compares every activation of a picture up to its tokens, and hands those on.
    ///
    /// - Throws: as `PictureReader.read`.
    package func compare(
        _ picture: PreparedPicture,
        into log: ActivationLog
    ) throws -> (base: PictureTokens, other: PictureTokens) {
        var tiles: (base: [ConnectedTokens], other: [ConnectedTokens]) = ([], [])
        for tile in picture.tiles {
            let features = try towers.compareTowers(tile, into: log)
            tiles.base.append(try base.connector.connect(features.base))
            tiles.other.append(try other.connector.connect(features.other))
        }
        let first = try base.arrange(tiles.base, picture.arrangement)
        let second = try other.arrange(tiles.other, picture.arrangement)
        log.addConnected(
            base: [first.values] + first.deepStack,
            count: first.count * base.connector.width,
            other: [second.values] + second.deepStack,
            count: second.count * other.connector.width,
            width: base.connector.width
        )
        return (first, second)
    }
}
