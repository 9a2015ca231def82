internal import MMBytes

extension ImageProcessorConfiguration {
    /// How MM1 and MM1.5 (arXiv 2403.09611 section 4.2, 2409.20566 section 3.3) take a picture, by `policy`: `native` and
    /// `interpolate`, one tile of `size`, which for the second is larger than the tower's own; `crops`, the picture and
    /// its quarters, each a tile; `dynamic`, a grid of `min_tiles` to `max_tiles` tiles and the picture behind them, where
    /// the prompt has at most `most_split_pictures` pictures, with `tile_labels` in the text.
    mutating func addPolicy(_ settings: ImageProcessorSettings) throws(ImageProcessorError) {
        let tile = try settings.extent("size")
        switch try settings.required("policy").string?.string {
        case "native", "interpolate": break
        case "crops": tiling = .quarters(tile: tile)
        case "dynamic":
            guard tile.width == tile.height else {
                throw settings.error(.unsupportedValue(key: "size", value: "\(tile)", allowed: "a square"))
            }
            let least = try settings.integer("min_tiles", in: 1...Self.tileLimit)
            let most = try settings.integer("max_tiles", in: least...Self.tileLimit)
            tiling = .coveringGrid(side: tile.width, least: least, most: most)
            mostTiledPictures = try settings.integer("most_split_pictures", in: 0...1 << 20)
            let labels = try settings.required("tile_labels").string?.string ?? ""
            guard let known = TileLabels(rawValue: labels) else {
                let allowed = TileLabels.allCases.map(\.rawValue).joined(separator: ", ")
                throw settings.error(.unsupportedValue(key: "tile_labels", value: labels, allowed: allowed))
            }
            tileLabels = known
        case let policy:
            throw settings.error(
                .unsupportedValue(
                    key: "policy",
                    value: policy ?? "not a text",
                    allowed: "native, interpolate, crops or dynamic"
                )
            )
        }
    }

    /// Most tiles of one picture.
    private static let tileLimit = 64
}
