internal import CKernels

/// How codec 2, rANS, parts the elements or blocks of a chunk.
///
/// The raw value is the layout id in a stored chunk (formats/mmpack.md).
public enum RansLayout: UInt8, Sendable, Hashable, CaseIterable {
    case bf16 = 1
    case f16 = 2
    case f32 = 3
    /// Q4_0 and IQ4_NL.
    case q4x0 = 4
    case q4x1 = 5
    case q5x0 = 6
    case q5x1 = 7
    case q8x0 = 8
    case q4xK = 9
    case q5xK = 10
    case q6xK = 11

    /// Bytes of an element, or of a block.
    public var unitByteCount: Int { mmk_rans_unit_bytes(id) }

    /// Byte planes beside the coded symbols.
    public var planeCount: Int { mmk_rans_plane_count(id) }

    var id: CUnsignedInt { CUnsignedInt(rawValue) }

    /// Bytes before the coded symbols: the fixed fields and a length a plane.
    var headerByteCount: Int { 8 + 4 * planeCount }

    func planeByteCount(_ plane: Int, count: Int) -> Int { count * mmk_rans_plane_unit_bytes(id, plane) }

    /// The plane of high bytes that orders the bytes of plane `plane`.
    func orderingPlane(of plane: Int) -> Int? {
        switch self {
        case .bf16, .f16, .f32: nil
        case .q4x0, .q5x0, .q8x0, .q6xK: plane == 1 ? 0 : nil
        case .q4x1, .q5x1, .q4xK, .q5xK: plane == 1 || plane == 3 ? plane - 1 : nil
        }
    }
}
