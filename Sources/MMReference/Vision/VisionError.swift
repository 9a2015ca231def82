package import MMBytes

/// Why a vision tower or a connector cannot be built, or cannot take a picture.
package struct VisionError: DiagnosedError {
    package enum Reason: Sendable, Hashable {
        case impossibleConfiguration(String, Int)
        case wrongValueCount(found: Int, needed: Int)
        /// Smaller than a patch, or so large that counts do not fit.
        case impossibleSize(rows: Int, columns: Int, frames: Int)
        case tooManyTokens(Int, limit: Int)
        case notWholeBlocks(rows: Int, columns: Int, side: Int)
        case severalFrames(Int)
        /// Planes for a tower whose patches have an order of their own.
        case needsPatches
        case positionsDoNotFit(rows: Int, columns: Int, side: Int)
        case featureNotComputed(String)
        case featureOutOfRange(layer: Int, layerCount: Int)
        case noSelection
        /// A connector's step that cannot be taken on what the steps before it gave.
        case impossibleStep(String, rows: Int, columns: Int)
        case widthsDiffer(connector: Int, decoder: Int)
        case tilesDoNotFit(found: Int, rows: Int, columns: Int)
        case placeholdersDoNotFit(places: Int, tokens: Int)
        case pictureWithoutGrid
    }

    package let reason: Reason

    @inline(never)
    package init(_ reason: Reason) {
        self.reason = reason
    }

    package var category: ErrorCategory {
        switch reason {
        case .featureNotComputed, .noSelection, .pictureWithoutGrid: .internalFault
        default: .badData
        }
    }

    package var description: String {
        switch reason {
        case .impossibleConfiguration(let knob, let value): "configuration: \(knob) \(value) is not possible"
        case .wrongValueCount(let found, let needed): "picture: \(found) values; its size needs \(needed)"
        case .impossibleSize(let rows, let columns, let frames):
            "picture: \(rows) rows and \(columns) columns of patches in \(frames) frames are not possible"
        case .tooManyTokens(let count, let limit): "picture: \(count) patches; at most \(limit) are computed"
        case .notWholeBlocks(let rows, let columns, let side):
            "picture: \(rows) x \(columns) patches are not whole blocks of \(side) x \(side)"
        case .severalFrames(let count): "picture: \(count) frames; the tower takes one"
        case .needsPatches: "picture: the tower takes patches in its own order, not planes"
        case .positionsDoNotFit(let rows, let columns, let side):
            "picture: \(rows) x \(columns) patches; the tower has positions for \(side) x \(side)"
        case .featureNotComputed(let feature): "\(feature) was not computed"
        case .featureOutOfRange(let layer, let layerCount):
            "configuration: the features of layer \(layer) are wanted, and the tower has \(layerCount) layers"
        case .noSelection: "a connector's first step does not select"
        case .impossibleStep(let step, let rows, let columns):
            "connector: \(step) is not possible on \(rows) x \(columns) tokens"
        case .widthsDiffer(let connector, let decoder):
            "connector: its tokens have \(connector) elements, the decoder's \(decoder)"
        case .tilesDoNotFit(let found, let rows, let columns):
            "picture: \(found) tiles do not lie in \(rows) rows of \(columns)"
        case .placeholdersDoNotFit(let places, let tokens):
            "sequence: \(places) places for tokens of pictures, and the pictures have \(tokens)"
        case .pictureWithoutGrid: "picture: its tokens have no rows and columns to tell positions by"
        }
    }
}
