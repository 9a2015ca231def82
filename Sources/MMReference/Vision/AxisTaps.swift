internal import MMArchitectures

/// Of which of a learned row of `side` positions each of `count` patches along one axis takes how much.
struct AxisTaps: Sendable, Hashable {
    let tapCount: Int
    /// [patch, tap].
    private(set) var indices: [Int] = []
    private(set) var weights: [Float] = []

    init(count: Int, side: Int, interpolation: VisionConfiguration.Interpolation) {
        switch interpolation {
        case .none: tapCount = 1
        case .bucketed: tapCount = 1
        case .bilinear: tapCount = 2
        case .bicubic: tapCount = 4
        }
        for position in 0..<count {
            switch interpolation {
            case .none: append([min(position, side - 1)], [1])
            case .bucketed: append([Self.bucket(position, of: count, side: side)], [1])
            case .bilinear:
                let source = Double(position) * Double(side - 1) / Double(max(count - 1, 1))
                let first = min(Int(source), side - 1)
                let fraction = Float(source - Double(first))
                append([first, min(first + 1, side - 1)], [1 - fraction, fraction])
            case .bicubic:
                let source = (Double(position) + 0.5) * Double(side) / Double(count) - 0.5
                let first = Int(source.rounded(.down))
                append((-1...2).map { min(max(first + $0, 0), side - 1) }, Self.cubic(source - Double(first)))
            }
        }
    }

    private mutating func append(_ indices: [Int], _ weights: [Float]) {
        self.indices += indices
        self.weights += weights
    }

    /// Keys' cubic convolution with a = -0.75 at distances 1 + t, t, 1 - t and 2 - t (torch, UpSample.h).
    private static func cubic(_ fraction: Double) -> [Float] {
        let a = -0.75
        func near(_ x: Double) -> Float { Float(((a + 2) * x - (a + 3)) * x * x + 1) }
        func far(_ x: Double) -> Float { Float(((a * x - 5 * a) * x + 8 * a) * x - 4 * a) }
        return [far(1 + fraction), near(fraction), near(1 - fraction), far(2 - fraction)]
    }

    /// How many of the boundaries k / side, as torch's `arange` rounds them to f32, are at or below position / count:
    /// Idefics3VisionEmbeddings in transformers, whose f32 arithmetic decides what falls on a boundary.
    private static func bucket(_ position: Int, of count: Int, side: Int) -> Int {
        let coordinate = min(Float(position) * (1 / Float(count)), Float(1.0 - 1e-6))
        let step = 1 / Double(side)
        var low = 0
        var high = side - 1
        while low < high {
            let middle = (low + high) / 2
            if Float(step + Double(middle) * step) <= coordinate { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
