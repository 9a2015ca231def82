extension Scene {
    /// The picture, the same on every machine: `side` x `side` pixels.
    package func picture() -> Picture {
        var pixels: [UInt8] = []
        pixels.reserveCapacity(Self.side * Self.side * Picture.channelCount)
        for y in 0..<Self.side {
            for x in 0..<Self.side {
                let cell = y / Self.cellSide * 3 + x / Self.cellSide
                let object = drawn.first { $0.cell == cell && $0.covers(x % Self.cellSide, y % Self.cellSide) }
                let levels = object.map { $0.paint } ?? level(x, y)
                let noise = Self.output(64 + Self.side * y + x, of: seed)
                for channel in 0..<Picture.channelCount {
                    let grain = Int(noise >> UInt64(8 * channel) & 15) - 8
                    pixels.append(UInt8(clamping: levels[channel] + grain))
                }
            }
        }
        return Picture(checked: Extent(side: Self.side), pixels: pixels)
    }

    /// The ground at a pixel.
    private func level(_ x: Int, _ y: Int) -> [3 of Int] {
        let most = 2 * (Self.side - 1)
        let share =
            switch direction {
            case 0: 2 * x
            case 1: 2 * y
            case 2: x + y
            default: x + Self.side - 1 - y
            }
        func mix(_ channel: Int) -> Int {
            (ground.first[channel] * (most - share) + ground.second[channel] * share) / most
        }
        return [mix(0), mix(1), mix(2)]
    }
}

extension SceneObject {
    fileprivate var paint: [3 of Int] {
        let levels = colour.levels
        return [levels.0 + tint.0, levels.1 + tint.1, levels.2 + tint.2]
    }

    /// Whether the pixel in `column` and `row` of its cell is painted.
    fileprivate func covers(_ column: Int, _ row: Int) -> Bool {
        let p = 2 * column + 1 - Scene.cellSide - offset.x
        let q = 2 * row + 1 - Scene.cellSide - offset.y
        let distance = p * p + q * q
        switch shape {
        case .circle: return distance <= radius * radius
        case .square: return 8 * abs(p) <= 7 * radius && 8 * abs(q) <= 7 * radius
        case .triangle: return q >= -radius && q <= radius && 2 * abs(p) <= q + radius
        case .cross:
            return (3 * abs(p) <= radius && abs(q) <= radius) || (3 * abs(q) <= radius && abs(p) <= radius)
        case .ring: return distance <= radius * radius && 25 * distance >= 9 * radius * radius
        }
    }
}
