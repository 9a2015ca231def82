/// What becomes of a byte of a pixel: `rescale` and `normalize` of transformers 5.23 (image_transforms.py), both in the
/// order and precision that they have there.
package struct PixelNormalization: Sendable, Hashable {
    /// Multiplies, in double precision, and is rounded to f32; nil leaves the byte.
    package var scale: Double?
    /// Mean and deviation of each channel, in f32; nil leaves the value.
    package var statistics: Statistics?

    package struct Statistics: Sendable, Hashable {
        package var mean: [3 of Double]
        package var deviation: [3 of Double]

        package init(mean: [3 of Double], deviation: [3 of Double]) {
            self.mean = mean
            self.deviation = deviation
        }

        package static func == (a: Statistics, b: Statistics) -> Bool { a.numbers == b.numbers }

        package func hash(into hasher: inout Hasher) { hasher.combine(numbers) }

        private var numbers: [Double] { (0..<3).map { mean[$0] } + (0..<3).map { deviation[$0] } }
    }

    package init(scale: Double?, statistics: Statistics?) {
        self.scale = scale
        self.statistics = statistics
    }

    /// The value of every byte in every channel: [channel * 256 + byte].
    func table() -> [Float] {
        (0..<Picture.channelCount).flatMap { channel in
            (0..<256).map { byte in
                let rescaled = scale.map { Float(Double(byte) * $0) } ?? Float(byte)
                guard let statistics else { return rescaled }
                return (rescaled - Float(statistics.mean[channel])) / Float(statistics.deviation[channel])
            }
        }
    }
}
