package import MMArchitectures

/// What a vision tower made of one picture.
package struct VisionFeatures: Sendable {
    package let grid: PatchGrid
    /// Tokens before the patches: 1 where there is a class token.
    package let leadCount: Int
    /// Patches of blocks of this side follow one another; 1 where they lie in rows.
    package let blockSide: Int
    /// Elements of a token.
    package let width: Int
    /// [token, width], the patches in the order of the input.
    private(set) var values: [VisionFeature: FloatBuffer] = [:]

    init(grid: PatchGrid, leadCount: Int, blockSide: Int, width: Int) {
        self.grid = grid
        self.leadCount = leadCount
        self.blockSide = blockSide
        self.width = width
    }

    /// Features that come from elsewhere than a tower: [token, width], in rows of one frame.
    ///
    /// Throws `VisionError` where the values are not as many as the grid needs.
    package init(
        _ values: [Float],
        as feature: VisionFeature,
        grid: PatchGrid,
        leadCount: Int,
        width: Int
    ) throws {
        self.init(grid: grid, leadCount: leadCount, blockSide: 1, width: width)
        guard values.count == tokenCount * width else {
            throw VisionError(.wrongValueCount(found: values.count, needed: tokenCount * width))
        }
        let buffer = try FloatBuffer(count: values.count)
        // The buffer has as many elements.
        for (index, value) in values.enumerated() { unsafe buffer.pointer[index] = value }
        self.values[feature] = buffer
    }

    package var tokenCount: Int { leadCount + grid.count }

    /// Throws `VisionError.featureNotComputed` for one that was not asked for.
    package func values(of feature: VisionFeature) throws -> FloatBuffer {
        guard let values = values[feature] else { throw VisionError(.featureNotComputed(feature.description)) }
        return values
    }

    mutating func keep(_ buffer: FloatBuffer, as feature: VisionFeature) { values[feature] = buffer }
}

/// Is shown the activations of a picture as they are computed, [token, width] in the order of the input, on the calling
/// thread.
package typealias VisionProbe = (_ feature: VisionFeature, _ values: Span<Float>) throws -> Void
