internal import MMArchitectures
internal import MMBytes

/// One picture, tile or film as a vision tower takes it: normalised values, f32.
package struct VisionInput: Sendable {
    package enum Layout: Sendable, Hashable {
        /// [channel, height, width]; what is left of a patch at the lower and right edge does not count.
        case planes(height: Int, width: Int)
        /// [patch, channel, frame, row, column], the patches in the tower's order.
        case patches(PatchGrid)
    }

    package let values: [Float]
    package let layout: Layout
    /// The rows and columns of patches, from the upper left, that show the picture where the rest is padding.
    package let visible: PatchGrid?

    package init(_ values: [Float], layout: Layout, visible: PatchGrid? = nil) {
        self.values = values
        self.layout = layout
        self.visible = visible
    }

    /// How the tower computes it. Throws `VisionError` where values and sizes do not go together.
    func tokenLayout(for configuration: VisionConfiguration) throws(VisionError) -> VisionLayout {
        let grid = try grid(for: configuration)
        guard let visible, visible != grid else { return VisionLayout(grid: grid, configuration: configuration) }
        guard visible.frames == 1, grid.frames == 1, visible.rows > 0, visible.columns > 0, visible.rows <= grid.rows,
            visible.columns <= grid.columns, configuration.mergeSide == 1, configuration.window == nil
        else {
            throw VisionError(
                .impossibleSize(rows: visible.rows, columns: visible.columns, frames: visible.frames)
            )
        }
        let leadCount = configuration.hasClassToken ? 1 : 0
        return VisionLayout(grid: grid, visible: visible, leadCount: leadCount)
    }

    /// The grid that the tower cuts it into. Throws `VisionError` where values and sizes do not go together.
    func grid(for configuration: VisionConfiguration) throws(VisionError) -> PatchGrid {
        let patch = configuration.patch
        let grid: PatchGrid
        let needed: Int?
        switch layout {
        case .planes(let height, let width):
            guard patch.frameCount == 1, configuration.mergeSide == 1 else { throw VisionError(.needsPatches) }
            grid = PatchGrid(rows: max(height, 0) / patch.side, columns: max(width, 0) / patch.side)
            needed = height.multiplied(by: width)?.multiplied(by: patch.channelCount)
        case .patches(let patches):
            grid = patches
            try grid.check()
            needed = grid.count.multiplied(by: configuration.patchElementCount)
        }
        try grid.check()
        guard values.count == needed else {
            throw VisionError(.wrongValueCount(found: values.count, needed: needed ?? Int.max))
        }
        let side = configuration.mergeSide
        guard grid.rows % side == 0, grid.columns % side == 0 else {
            throw VisionError(.notWholeBlocks(rows: grid.rows, columns: grid.columns, side: side))
        }
        guard grid.frames == 1 || !configuration.hasClassToken else { throw VisionError(.severalFrames(grid.frames)) }
        if case .learned(let side, .none) = configuration.position, grid.rows != side || grid.columns != side {
            throw VisionError(.positionsDoNotFit(rows: grid.rows, columns: grid.columns, side: side))
        }
        return grid
    }
}
