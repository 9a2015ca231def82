package import MMArchitectures
package import MMStorage
package import MMTensors

/// The way of a picture into a decoder: tower, connector, and how its tokens are arranged.
package final class PictureReader: Sendable {
    package let tower: VisionTower
    package let connector: Connector
    package let fusion: FusionConfiguration
    /// [width]: what stands behind every row of tiles, where the arrangement has it.
    private let newline: FloatBuffer?

    /// Takes the weights of `source` by bundle names.
    ///
    /// - Parameter isStreaming: keeps one layer of the tower in memory at a time.
    /// - Throws: as `VisionTower.init` and `Connector.init`; `VisionError.widthsDiffer` where the connector's tokens are
    ///   not as wide as the decoder's.
    package init(
        source: any TensorSource,
        vision: VisionConfiguration,
        connector: ConnectorConfiguration,
        fusion: FusionConfiguration,
        decoderWidth: Int,
        team: ThreadTeam,
        isStreaming: Bool = false
    ) throws {
        tower = try VisionTower(source: source, configuration: vision, team: team, isStreaming: isStreaming)
        self.connector = try Connector(
            source: source,
            configuration: connector,
            towerWidth: vision.modelWidth,
            team: team
        )
        self.fusion = fusion
        guard self.connector.width == decoderWidth else {
            throw VisionError(.widthsDiffer(connector: self.connector.width, decoder: decoderWidth))
        }
        newline =
            fusion.arrangement == .newlines
            ? try WeightLoader(source).vector("connector.newline", count: decoderWidth) : nil
    }

    /// The tokens of one picture.
    ///
    /// - Throws: as `read(_:arrangement:probe:)`.
    package func read(_ picture: PreparedPicture) throws -> PictureTokens {
        try read(picture.tiles, arrangement: picture.arrangement)
    }

    /// The tokens of one picture.
    ///
    /// - Parameters:
    ///   - inputs: its tiles, the whole picture where the family has it.
    ///   - arrangement: how the tiles lie, for families that put them together.
    ///   - probe: is shown what the tower computes, tile by tile.
    /// - Throws: `VisionError` for a picture that the tower does not take, and for tiles that do not lie as
    ///   `arrangement` says; `ReferenceError.outOfMemory`; what `probe` throws.
    package func read(
        _ inputs: [VisionInput],
        arrangement: TileArrangement? = nil,
        probe: VisionProbe? = nil
    ) throws -> PictureTokens {
        let tiles = try inputs.map { input in
            let features = try tower.evaluate(input, wanting: connector.configuration.features, probe: probe)
            return try connector.connect(features)
        }
        return try arrange(tiles, arrangement)
    }

    /// What the connector made of a picture's tiles as one picture.
    ///
    /// - Throws: `VisionError.tilesDoNotFit` for tiles that do not lie as `arrangement` says;
    ///   `ReferenceError.outOfMemory`.
    package func arrange(_ tiles: [ConnectedTokens], _ arrangement: TileArrangement?) throws -> PictureTokens {
        guard fusion.arrangement == .newlines, let newline else { return try stack(tiles) }
        return try NewlineArrangement(tiles: tiles, newline: newline, width: connector.width).tokens(arrangement)
    }

    /// Tile after tile.
    private func stack(_ tiles: [ConnectedTokens]) throws -> PictureTokens {
        if tiles.count == 1 {
            let tile = tiles[0]
            let rowCount = max(tile.columns, 1)
            let frames = tile.tokenCount / max(tile.rows * rowCount, 1)
            return PictureTokens(
                count: tile.tokenCount,
                values: tile.values,
                deepStack: tile.deepStack,
                grid: (max(frames, 1), tile.rows, tile.columns)
            )
        }
        let count = tiles.reduce(0) { $0 + $1.tokenCount }
        func joined(_ part: (ConnectedTokens) -> FloatBuffer) throws -> FloatBuffer {
            let values = try FloatBuffer(count: count * connector.width)
            var start = 0
            for tile in tiles {
                let size = tile.tokenCount * connector.width
                // The sizes add up to that of `values`.
                unsafe (values.pointer + start).update(from: part(tile).pointer, count: size)
                start += size
            }
            return values
        }
        let depth = tiles.first?.deepStack.count ?? 0
        return PictureTokens(
            count: count,
            values: try joined(\.values),
            deepStack: try (0..<depth).map { index in try joined { $0.deepStack[index] } }
        )
    }
}
