internal import MMBytes

/// How many patches a picture has; a film has several frames of them.
package struct PatchGrid: Sendable, Hashable {
    package let frames: Int
    package let rows: Int
    package let columns: Int

    package init(frames: Int = 1, rows: Int, columns: Int) {
        self.frames = frames
        self.rows = rows
        self.columns = columns
    }

    /// Patches of one frame.
    package var frameCount: Int { rows * columns }
    package var count: Int { frames * rows * columns }

    /// Most patches of one frame, which attend to one another: what Qwen2-VL's default of 12,845,056 pixels makes.
    static let frameLimit = 1 << 16
    /// Most patches of all frames together.
    static let countLimit = 1 << 20

    /// Throws `VisionError` for a grid without patches, and for one with more than are computed.
    func check() throws(VisionError) {
        guard frames > 0, rows > 0, columns > 0, let frame = rows.multiplied(by: columns),
            let count = frame.multiplied(by: frames)
        else { throw VisionError(.impossibleSize(rows: rows, columns: columns, frames: frames)) }
        guard frame <= Self.frameLimit else { throw VisionError(.tooManyTokens(frame, limit: Self.frameLimit)) }
        guard count <= Self.countLimit else { throw VisionError(.tooManyTokens(count, limit: Self.countLimit)) }
    }
}
