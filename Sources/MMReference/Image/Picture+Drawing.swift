extension Picture {
    /// A picture drawn by code, the same on every machine: a gradient, shapes upon it, and rows of strokes that have
    /// the frequencies of text. Every index gives another one.
    ///
    /// It is for comparing two ways of computing on something that is neither flat nor noise. All arithmetic is in
    /// integers.
    package static func drawn(index: Int, width: Int, height: Int) throws(PictureError) -> Picture {
        let extent = Extent(width: width, height: height)
        var picture = try Picture(extent, filledWith: [0, 0, 0])
        var random = SplitMix64(seed: 0x6D6D_7061_636B ^ UInt64(bitPattern: Int64(index)))
        picture.drawGradient(&random)
        for _ in 0..<5 { picture.drawDisc(&random) }
        for _ in 0..<3 { picture.drawBox(&random) }
        picture.drawLetters(&random)
        return picture
    }

    private typealias Colour = [3 of UInt8]

    private static func colour(_ random: inout SplitMix64) -> Colour {
        let bits = random.next()
        return [
            UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8),
            UInt8(truncatingIfNeeded: bits >> 16),
        ]
    }

    /// From 0 to below `bound`, which is positive.
    private static func number(below bound: Int, _ random: inout SplitMix64) -> Int {
        Int(random.next() >> 33) % max(bound, 1)
    }

    private mutating func set(_ x: Int, _ y: Int, _ colour: Colour) {
        let start = y * rowByteCount + x * Self.channelCount
        for channel in 0..<Self.channelCount { pixels[start + channel] = colour[channel] }
    }

    /// Four corner colours, mixed in between.
    private mutating func drawGradient(_ random: inout SplitMix64) {
        let corners = (0..<4).map { _ in Self.colour(&random) }
        let right = max(width - 1, 1)
        let bottom = max(height - 1, 1)
        for y in 0..<height {
            for x in 0..<width {
                for channel in 0..<Self.channelCount {
                    let level = corners.map { Int($0[channel]) }
                    let top = level[0] * (right - x) + level[1] * x
                    let low = level[2] * (right - x) + level[3] * x
                    let mixed = (top * (bottom - y) + low * y) / (right * bottom)
                    pixels[y * rowByteCount + x * Self.channelCount + channel] = UInt8(clamping: mixed)
                }
            }
        }
    }

    private mutating func drawDisc(_ random: inout SplitMix64) {
        let centerX = Self.number(below: width, &random)
        let centerY = Self.number(below: height, &random)
        let radius = 1 + Self.number(below: extent.shorter / 4, &random)
        let colour = Self.colour(&random)
        for y in max(centerY - radius, 0)..<min(centerY + radius + 1, height) {
            for x in max(centerX - radius, 0)..<min(centerX + radius + 1, width) {
                let (dx, dy) = (x - centerX, y - centerY)
                if dx * dx + dy * dy <= radius * radius { set(x, y, colour) }
            }
        }
    }

    private mutating func drawBox(_ random: inout SplitMix64) {
        let left = Self.number(below: width, &random)
        let top = Self.number(below: height, &random)
        let right = min(left + 1 + Self.number(below: width / 3, &random), width)
        let bottom = min(top + 1 + Self.number(below: height / 3, &random), height)
        let colour = Self.colour(&random)
        for y in top..<bottom {
            for x in left..<right { set(x, y, colour) }
        }
    }

    /// Rows of cells of five by seven, each with a few strokes of one or more pixels.
    private mutating func drawLetters(_ random: inout SplitMix64) {
        let scale = max(extent.shorter / 96, 1)
        let colour = Self.colour(&random)
        let lineCount = 3
        for line in 0..<lineCount {
            let top = (line + 1) * height / (lineCount + 1)
            for left in stride(from: 2 * scale, to: width - 6 * scale, by: 6 * scale) {
                let strokes = random.next()
                for cell in 0..<35 where (strokes >> UInt64(cell)) & 1 == 1 && (cell % 5 == 0 || cell / 5 % 3 == 0) {
                    let x = left + cell % 5 * scale
                    let y = top + cell / 5 * scale
                    for row in y..<y + scale where row < height {
                        for column in x..<min(x + scale, width) { set(column, row, colour) }
                    }
                }
            }
        }
    }
}
