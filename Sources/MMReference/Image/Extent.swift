/// Width and height in pixels.
package struct Extent: Sendable, Hashable, CustomStringConvertible {
    package let width: Int
    package let height: Int

    package init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// A square.
    package init(side: Int) {
        self.init(width: side, height: side)
    }

    package var shorter: Int { min(width, height) }
    package var longer: Int { max(width, height) }

    /// As transformers computes aspect ratios: width over height in double precision.
    package var aspectRatio: Double { Double(width) / Double(height) }

    package var description: String { "\(width) x \(height)" }
}
