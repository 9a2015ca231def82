import CKernels
import MMCodecs
import Testing

/// A stored chunk of codec 2 whose planes are as they are, taken apart for one instruction set at a time.
struct KernelChunk {
    static let variants: [UInt32] = [0, 1, 2, 3].filter { mmk_rans_has($0) }

    let layout: RansLayout
    let count: Int
    let stored: [UInt8]
    let coded: [UInt8]

    init(stored: [UInt8], layout: RansLayout, byteCount: Int) throws {
        self.layout = layout
        self.stored = stored
        count = byteCount / layout.unitByteCount
        let start = 8 + 4 * layout.planeCount
        let length = (0..<4).reduce(0) { $0 | Int(stored[4 + $1]) << (8 * $1) }
        try #require(start + length <= stored.count)
        coded = Array(stored[start..<start + length])
    }

    private static func planeByteCount(_ layout: RansLayout, _ plane: Int, count: Int) -> Int {
        count * mmk_rans_plane_unit_bytes(UInt32(layout.rawValue), plane)
    }

    /// What one instruction set decodes; nil where it refuses.
    func join(variant: UInt32) -> [UInt8]? {
        let id = UInt32(layout.rawValue)
        var units = [UInt8](repeating: 0xAA, count: count * layout.unitByteCount)
        let isGood = stored.withUnsafeBufferPointer { bytes -> Bool in
            guard let base = bytes.baseAddress else { return false }
            var parts = mmk_rans_stored()
            parts.coded = base + 8 + 4 * layout.planeCount
            parts.coded_bytes = coded.count
            parts.readable_end = base + bytes.count
            parts.bits = parts.coded + coded.count
            var position = parts.bits + mmk_rans_bits_bytes(id, count)
            withUnsafeMutableBytes(of: &parts.planes) { planes in
                for plane in 0..<layout.planeCount {
                    planes.assumingMemoryBound(to: UnsafePointer<UInt8>?.self)[plane] = position
                    position += Self.planeByteCount(layout, plane, count: count)
                }
            }
            return units.withUnsafeMutableBufferPointer {
                mmk_rans_join_with(variant, id, &parts, count, $0.baseAddress)
            }
        }
        return isGood ? units : nil
    }

    /// The coded symbols that one instruction set makes of units.
    static func code(_ logical: [UInt8], _ layout: RansLayout, variant: UInt32) -> [UInt8] {
        let id = UInt32(layout.rawValue)
        let count = logical.count / layout.unitByteCount
        var symbols = [UInt8](repeating: 0, count: mmk_rans_symbol_bytes(id, count))
        var bits = [UInt8](repeating: 0, count: mmk_rans_bits_bytes(id, count) + 1)
        var planes = [UInt8](repeating: 0, count: logical.count)
        var output = [UInt8](repeating: 0, count: logical.count + 4_096)
        let length = symbols.withUnsafeMutableBufferPointer { symbols in
            bits.withUnsafeMutableBufferPointer { bits in
                planes.withUnsafeMutableBufferPointer { space in
                    var parts = mmk_rans_parts()
                    parts.symbols = symbols.baseAddress
                    parts.bits = bits.baseAddress
                    var position = space.baseAddress
                    withUnsafeMutableBytes(of: &parts.planes) { planes in
                        for plane in 0..<layout.planeCount {
                            planes.assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self)[plane] = position
                            position = position.map { $0 + planeByteCount(layout, plane, count: count) }
                        }
                    }
                    mmk_rans_split(id, logical, count, &parts)
                    return output.withUnsafeMutableBufferPointer {
                        mmk_rans_code_with(variant, id, &parts, $0.baseAddress, $0.count)
                    }
                }
            }
        }
        return Array(output.prefix(length))
    }
}
