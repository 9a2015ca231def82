/// What an image processor does to a picture, in this order: pad to a square, resize, tile; resize and crop each tile;
/// normalise; lay out. The image processors of transformers differ in nothing else.
package struct ImageProcessorConfiguration: Sendable, Hashable {
    /// Which size a picture gets.
    package enum Sizing: Sendable, Hashable {
        case exact(Extent)
        /// The shorter side becomes this, the longer one in proportion, rounded down.
        case shortestEdge(Int)
        /// The shorter side becomes this unless the longer one then passes its limit.
        case edges(shortest: Int, longest: Int)
        /// As large as fits.
        case within(Extent)
        /// The longer side becomes this, the shorter one in proportion and even (Idefics3).
        case longestEdge(Int)
        /// Each side the next multiple of a tile's, the longer side first (Idefics3).
        case multiple(of: Int)
        /// Both sides multiples of a factor with the number of pixels within bounds (Qwen2-VL's `smart_resize`).
        case pixelCount(least: Int, most: Int, factor: Int)
    }

    /// How a picture is cut.
    package enum Tiling: Sendable, Hashable {
        case none
        /// The picture at the best of some sizes, padded, in tiles of `side`, with an overview of `overview` first
        /// (LLaVA-NeXT).
        case pinpoints([Extent], side: Int, overview: Extent)
        /// A picture that is much longer than wide, or the other way round, in a row of parts, with the picture first
        /// (Gemma 3).
        case panAndScan(leastSide: Int, mostCount: Int, leastRatio: Double)
        /// In tiles of `side` if it is larger than one, with the picture squeezed into one last (Idefics3).
        case split(side: Int)
        /// The grid of tiles whose aspect ratio is nearest, with the picture squeezed into one last (InternVL).
        case aspectGrid(tile: Extent, least: Int, most: Int)
        /// In 2 x 2 tiles, with the picture squeezed into one first (MM1).
        case quarters(tile: Extent)
        /// The picture, without changing its shape, as large as fits the grid of `least` to `most` tiles that holds it
        /// best, padded; with the picture squeezed into one last (MM1.5).
        case coveringGrid(side: Int, least: Int, most: Int)
    }

    /// How the values lie in memory.
    package enum Layout: Sendable, Hashable {
        case planes
        /// Squares of `side` pixels, repeated for each of `frameCount` frames, `merge` times `merge` of them next to
        /// each other.
        case patches(side: Int, frameCount: Int, merge: Int)
    }

    /// The class of transformers that these settings were made for, without a suffix for its backend.
    package var name: String
    /// Pads to a square with this colour.
    package var squareColour: SquareColour?
    /// Resizes the picture before it is tiled, one after the other.
    package var pictureSizings: [Sizing]
    package var tiling: Tiling
    /// Resizes every tile.
    package var tileSizing: Sizing?
    package var crop: Extent?
    package var filter: ResampleFilter
    package var normalization: PixelNormalization
    package var layout: Layout
    /// Most pictures of a prompt that are tiled; where there are more, each is one tile.
    package var mostTiledPictures = Int.max
    /// What a prompt says of each tile.
    package var tileLabels = TileLabels.none

    package struct SquareColour: Sendable, Hashable {
        package var red: UInt8
        package var green: UInt8
        package var blue: UInt8
    }
}
