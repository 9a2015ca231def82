internal import MMArchitectures

/// In what order a tower computes the tokens of one picture, where they are in it, and which attend to one another.
///
/// The tokens of a window are neighbours here, so that every group that attends is a range.
struct VisionLayout: Sendable {
    struct Place: Sendable, Hashable {
        let row: Int
        let column: Int
    }

    /// Tokens that attend, and those that they attend to.
    struct Group: Sendable, Hashable {
        let queries: Range<Int>
        let keys: Range<Int>

        init(_ tokens: Range<Int>) {
            queries = tokens
            keys = tokens
        }

        init(queries: Range<Int>, keys: Range<Int>) {
            self.queries = queries
            self.keys = keys
        }
    }

    let grid: PatchGrid
    /// What of the grid shows the picture; the rest is padding.
    let visible: PatchGrid
    /// 1 where there is a class token, which is then token 0.
    let leadCount: Int
    /// Of each patch, in the order of computing, its number in the order of the input.
    let order: [Int]
    /// Of each patch, in the order of computing; of padding, the first place.
    let places: [Place]
    /// Tokens that attend to one another in layers of full attention: those of one frame.
    let frames: [Group]
    /// Likewise in the other layers.
    let windows: [Group]

    var tokenCount: Int { leadCount + order.count }

    init(grid: PatchGrid, configuration: VisionConfiguration) {
        self.grid = grid
        visible = grid
        let lead = configuration.hasClassToken ? 1 : 0
        leadCount = lead
        let merge = configuration.mergeSide
        // A window in blocks of merge x merge patches; the whole frame is one where there are no windows.
        let (blockRows, blockColumns) = (grid.rows / merge, grid.columns / merge)
        let side = configuration.window.map { $0.side / merge }
        let (height, width) = (side ?? blockRows, side ?? blockColumns)
        var order: [Int] = []
        var places: [Place] = []
        var windows: [Group] = []
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
                    windows.append(Group((start == 0 ? 0 : start + lead)..<order.count + lead))
                }
            }
        }
        self.order = order
        self.places = places
        self.windows = windows
        frames = (0..<grid.frames).map { frame in
            Group((frame == 0 ? 0 : frame * grid.frameCount + lead)..<(frame + 1) * grid.frameCount + lead)
        }
    }

    /// One frame in rows of which `visible`, its upper left part, shows the picture: nothing attends to the padding,
    /// whose tokens come last.
    init(grid: PatchGrid, visible: PatchGrid, leadCount: Int) {
        self.grid = grid
        self.visible = visible
        self.leadCount = leadCount
        let patches = 0..<grid.frameCount
        func isVisible(_ patch: Int) -> Bool {
            patch / grid.columns < visible.rows && patch % grid.columns < visible.columns
        }
        order = patches.filter(isVisible) + patches.filter { !isVisible($0) }
        places = order.map { patch in
            isVisible(patch)
                ? Place(row: patch / grid.columns, column: patch % grid.columns) : Place(row: 0, column: 0)
        }
        let count = leadCount + grid.frameCount
        frames = [Group(queries: 0..<count, keys: 0..<leadCount + visible.frameCount)]
        windows = frames
    }
}
