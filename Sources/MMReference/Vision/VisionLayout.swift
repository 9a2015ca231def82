internal import MMArchitectures

/// In what order a tower computes the tokens of one picture, where they are in it, and which attend to one another.
///
/// The tokens of a window are neighbours here, so that every group that attends is a range.
struct VisionLayout: Sendable {
    struct Place: Sendable, Hashable {
        let row: Int
        let column: Int
    }

    let grid: PatchGrid
    /// 1 where there is a class token, which is then token 0.
    let leadCount: Int
    /// Of each patch, in the order of computing, its number in the order of the input.
    let order: [Int]
    /// Of each patch, in the order of computing.
    let places: [Place]
    /// Tokens that attend to one another in layers of full attention: those of one frame.
    let frames: [Range<Int>]
    /// Likewise in the other layers.
    let windows: [Range<Int>]

    var tokenCount: Int { leadCount + order.count }

    init(grid: PatchGrid, configuration: VisionConfiguration) {
        self.grid = grid
        let lead = configuration.hasClassToken ? 1 : 0
        leadCount = lead
        let merge = configuration.mergeSide
        // A window in blocks of merge x merge patches; the whole frame is one where there are no windows.
        let (blockRows, blockColumns) = (grid.rows / merge, grid.columns / merge)
        let side = configuration.window.map { $0.side / merge }
        let (height, width) = (side ?? blockRows, side ?? blockColumns)
        var order: [Int] = []
        var places: [Place] = []
        var windows: [Range<Int>] = []
        order.reserveCapacity(grid.count)
        places.reserveCapacity(grid.count)
        for frame in 0..<grid.frames {
            for top in stride(from: 0, to: blockRows, by: height) {
                for left in stride(from: 0, to: blockColumns, by: width) {
                    let start = order.count
                    for row in top..<min(top + height, blockRows) {
                        for column in left..<min(left + width, blockColumns) {
                            let first = frame * grid.frameCount + (row * blockColumns + column) * merge * merge
                            for inside in 0..<merge * merge {
                                order.append(first + inside)
                                places.append(
                                    Place(row: row * merge + inside / merge, column: column * merge + inside % merge)
                                )
                            }
                        }
                    }
                    windows.append((start == 0 ? 0 : start + lead)..<order.count + lead)
                }
            }
        }
        self.order = order
        self.places = places
        self.windows = windows
        frames = (0..<grid.frames).map { frame in
            (frame == 0 ? 0 : frame * grid.frameCount + lead)..<(frame + 1) * grid.frameCount + lead
        }
    }
}
