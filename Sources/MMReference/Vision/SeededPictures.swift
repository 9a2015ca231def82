package import MMArchitectures

/// Pictures for a tower whose processor is not known: smooth waves with noise, as values after normalisation.
package enum SeededPictures {
    /// `count` pictures of the size that the tower was made for, or of two windows and a rest.
    ///
    /// Throws `VisionError` for a configuration without a size that fits.
    package static func inputs(count: Int, for configuration: VisionConfiguration, seed: UInt64) throws -> [VisionInput]
    {
        try configuration.validate()
        var generator = SplitMix64(seed: seed)
        return try (0..<count).map { index in try input(index, for: configuration, &generator) }
    }

    /// Patches of a side where the tower takes pictures of any size.
    private static let side = 16

    private static func input(
        _ index: Int,
        for configuration: VisionConfiguration,
        _ generator: inout SplitMix64
    ) throws -> VisionInput {
        let patch = configuration.patch
        if let imageSide = configuration.imageSide, patch.frameCount == 1 {
            guard imageSide >= patch.side, imageSide <= 1 << 14 else {
                throw VisionError(.impossibleConfiguration("picture side", imageSide))
            }
            let values = waves(
                channels: patch.channelCount,
                height: imageSide,
                width: imageSide,
                index: index,
                &generator
            )
            return VisionInput(values, layout: .planes(height: imageSide, width: imageSide))
        }
        // Not square, and more than one window where there are windows.
        let unit = configuration.mergeSide
        let wanted = max(configuration.window.map { 2 * $0.side + unit } ?? side, unit)
        guard wanted <= 1 << 7 else { throw VisionError(.impossibleConfiguration("window side", wanted)) }
        let rows = wanted / unit * unit
        let grid = PatchGrid(rows: rows, columns: rows + unit)
        let values = waves(
            channels: grid.rows,
            height: grid.columns,
            width: configuration.patchElementCount,
            index: index,
            &generator
        )
        return VisionInput(values, layout: .patches(grid))
    }

    private static func waves(
        channels: Int,
        height: Int,
        width: Int,
        index: Int,
        _ generator: inout SplitMix64
    ) -> [Float] {
        var values: [Float] = []
        values.reserveCapacity(channels * height * width)
        for channel in 0..<channels {
            for row in 0..<height {
                for column in 0..<width {
                    // A triangle wave that runs down and across, each channel another.
                    let phase = (row * (3 + index) + column * (2 + channel % 5)) % 64
                    let wave = Double(abs(phase - 32)) / 16 - 1
                    values.append(Float(wave + (generator.nextUnit() - 0.5)))
                }
            }
        }
        return values
    }
}
