/// How the elements of a chunk are parted into byte planes: rotated left by one bit, most significant byte first.
///
/// The raw value is the split id in a zHUF chunk (formats/mmpack.md).
public enum PlaneSplit: UInt8, Sendable, Hashable, CaseIterable {
    /// 16-bit elements: BF16, F16.
    case words16 = 1
    /// 32-bit elements: F32.
    case words32 = 2
    /// 64-bit elements: F64.
    case words64 = 3

    public var planeCount: Int {
        switch self {
        case .words16: 2
        case .words32: 4
        case .words64: 8
        }
    }

    /// Bytes before the planes in a stored chunk: the fixed fields and a length a plane.
    var headerByteCount: Int { 4 + 4 * planeCount }
}
