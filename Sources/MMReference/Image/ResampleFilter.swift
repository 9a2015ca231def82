#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// How a picture is resized, by the numbers that Pillow gives the filters (PIL.Image.Resampling) and image processors
/// have under `resample`.
package enum ResampleFilter: Int, Sendable, Hashable, CaseIterable {
    case nearest = 0
    case lanczos = 1
    case bilinear = 2
    case bicubic = 3

    /// Pixels on either side of the centre that a filter looks at when it does not scale down.
    var support: Double {
        switch self {
        case .nearest: 0
        case .bilinear: 1
        case .bicubic: 2
        case .lanczos: 3
        }
    }

    /// The weight at a distance from the centre: the triangle, Keys' cubic with a = -0.5 and the sinc that is windowed
    /// by a sinc three times as wide, as Pillow has them (src/libImaging/Resample.c).
    func weight(at distance: Double) -> Double {
        let x = abs(distance)
        switch self {
        case .nearest: return 1
        case .bilinear: return x < 1 ? 1 - x : 0
        case .bicubic:
            let a = -0.5
            if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
            return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
        case .lanczos: return -3 <= distance && distance < 3 ? Self.sinc(distance) * Self.sinc(distance / 3) : 0
        }
    }

    private static func sinc(_ x: Double) -> Double {
        if x == 0 { return 1 }
        let angle = x * Double.pi
        return sin(angle) / angle
    }
}
