#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Rotary embedding over rows and columns (Qwen2-VL, arXiv 2409.12191): of the w / 2 pairs of a head of width w,
/// element j with j + w / 2, the first half turns by the row and the second by the column, each by the frequencies
/// theta^(-2j / (w / 2)).
struct AxialRotary: Sendable {
    /// A multiple of 4.
    let headWidth: Int
    private let radians: [Double]

    init(theta: Double, headWidth: Int) {
        self.headWidth = headWidth
        radians = (0..<headWidth / 4).map { pow(theta, -4 * Double($0) / Double(headWidth)) }
    }

    /// Cosines, then sines of every pair, `headWidth` elements a place.
    func angles(of places: [VisionLayout.Place]) throws(ReferenceError) -> FloatBuffer {
        let angles = try FloatBuffer(count: places.count * headWidth)
        let (half, quarter) = (headWidth / 2, headWidth / 4)
        for (index, place) in places.enumerated() {
            // A row of headWidth elements: half of cosines, half of sines, each a quarter for rows and for columns.
            let row = unsafe angles.pointer + index * headWidth
            for (pair, radians) in radians.enumerated() {
                let (down, across) = (Double(place.row) * radians, Double(place.column) * radians)
                unsafe row[pair] = Float(cos(down))
                unsafe row[quarter + pair] = Float(cos(across))
                unsafe row[half + pair] = Float(sin(down))
                unsafe row[half + quarter + pair] = Float(sin(across))
            }
        }
        return angles
    }

    /// Turns one head in place by a row of `angles`.
    @unsafe static func turn(_ head: UnsafeMutablePointer<Float>, width: Int, by angles: UnsafePointer<Float>) {
        let half = width / 2
        // The caller's head and row of angles have `width` elements each.
        for pair in 0..<half {
            let (first, second) = unsafe (head[pair], head[pair + half])
            let (cosine, sine) = unsafe (angles[pair], angles[pair + half])
            unsafe head[pair] = first * cosine - second * sine
            unsafe head[pair + half] = second * cosine + first * sine
        }
    }
}
