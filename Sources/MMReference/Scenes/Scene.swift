/// A picture that code draws, by its seed: one to four objects on a 3 x 3 grid, in integer arithmetic alone. The
/// specification is fixtures/mm1/README.md; the models of that folder were trained on such pictures.
package struct Scene: Sendable {
    package let seed: UInt64
    /// In the order that they are drawn in.
    let drawn: [SceneObject]
    /// Colours between which the ground runs.
    let ground: (first: [3 of Int], second: [3 of Int])
    /// 0 to the right, 1 down, 2 to the lower right, 3 to the lower left.
    let direction: Int

    /// Pixels of a side.
    package static let side = 72
    static let cellSide = 24

    package init(seed: UInt64) {
        self.seed = seed
        func draw(_ index: Int, below limit: UInt64) -> Int { Int(Self.output(index, of: seed) % limit) }
        var cells = Array(0..<9)
        for index in 0..<4 { cells.swapAt(index, index + draw(1 + index, below: UInt64(9 - index))) }
        drawn = (0..<1 + draw(0, below: 4)).map { index in
            let first = 5 + 9 * index
            let size = draw(first + 2, below: 2)
            return SceneObject(
                cell: cells[index],
                shape: SceneObject.Shape.allCases[draw(first, below: 5)],
                colour: SceneObject.Colour.allCases[draw(first + 1, below: 8)],
                size: SceneObject.Size.allCases[size],
                offset: (draw(first + 3, below: 9) - 4, draw(first + 4, below: 9) - 4),
                radius: 10 + 8 * size + draw(first + 5, below: 3),
                tint: (
                    draw(first + 6, below: 25) - 12, draw(first + 7, below: 25) - 12, draw(first + 8, below: 25) - 12
                )
            )
        }
        func level(_ index: Int) -> Int { 40 + draw(41 + index, below: 81) }
        ground = ([level(0), level(1), level(2)], [level(3), level(4), level(5)])
        direction = draw(47, below: 4)
    }

    /// The objects in reading order.
    package var objects: [SceneObject] { drawn.sorted { $0.cell < $1.cell } }

    /// Output `index`, from 0, of SplitMix64 of a seed.
    static func output(_ index: Int, of seed: UInt64) -> UInt64 {
        var random = SplitMix64(seed: seed &+ UInt64(index) &* 0x9E37_79B9_7F4A_7C15)
        return random.next()
    }
}
