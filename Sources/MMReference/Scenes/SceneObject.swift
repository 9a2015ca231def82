/// One object of a `Scene`.
package struct SceneObject: Sendable, Hashable {
    package enum Shape: String, Sendable, Hashable, CaseIterable {
        case circle, square, triangle, cross, ring
    }

    package enum Colour: String, Sendable, Hashable, CaseIterable {
        case red, green, blue, yellow, purple, orange, cyan, white

        /// Red, green and blue before tint and noise.
        var levels: (Int, Int, Int) {
            switch self {
            case .red: (220, 40, 40)
            case .green: (40, 170, 60)
            case .blue: (50, 80, 225)
            case .yellow: (235, 215, 50)
            case .purple: (145, 60, 190)
            case .orange: (240, 140, 30)
            case .cyan: (60, 205, 215)
            case .white: (245, 245, 245)
            }
        }
    }

    package enum Size: String, Sendable, Hashable, CaseIterable {
        case small, large
    }

    /// 0 to 8 in reading order.
    package let cell: Int
    package let shape: Shape
    package let colour: Colour
    package let size: Size
    /// Half pixels that it is to the right and below of the middle of its cell.
    let offset: (x: Int, y: Int)
    /// In half pixels.
    let radius: Int
    /// What is added to its colour.
    let tint: (Int, Int, Int)

    /// "a small red circle".
    var words: String { "a \(size.rawValue) \(colour.rawValue) \(shape.rawValue)" }

    var position: String { Self.positions[cell] }

    static let positions = [
        "top left", "top centre", "top right", "middle left", "centre", "middle right", "bottom left", "bottom centre",
        "bottom right",
    ]

    package static func == (one: SceneObject, other: SceneObject) -> Bool {
        one.cell == other.cell && one.shape == other.shape && one.colour == other.colour && one.size == other.size
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(cell)
        hasher.combine(shape)
        hasher.combine(colour)
        hasher.combine(size)
    }
}
