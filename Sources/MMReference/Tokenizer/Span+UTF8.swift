/// Stepping through valid UTF-8. What is invalid gives wrong scalars, never a trap.
extension Span<UInt8> {
    /// The scalar that begins at `position`, and its length in bytes.
    func scalar(at position: Int) -> (value: UInt32, length: Int) {
        let first = UInt32(self[position])
        let left = count - position
        switch first {
        case 0..<0x80: return (first, 1)
        case 0x80..<0xE0: return ((first & 0x1F) << 6 | trailing(position + 1), Swift.min(2, left))
        case 0xE0..<0xF0:
            return ((first & 0xF) << 12 | trailing(position + 1) << 6 | trailing(position + 2), Swift.min(3, left))
        default:
            let high = (first & 0x7) << 18 | trailing(position + 1) << 12
            return (high | trailing(position + 2) << 6 | trailing(position + 3), Swift.min(4, left))
        }
    }

    private func trailing(_ position: Int) -> UInt32 {
        position < count ? UInt32(self[position] & 0x3F) : 0
    }

    /// The position behind the scalar at `position`, which may be the end.
    func positionAfterScalar(at position: Int) -> Int {
        var after = position + 1
        while after < count, self[after] & 0xC0 == 0x80 { after += 1 }
        return after
    }

    /// The position of the scalar that ends at `position`, which is not the start.
    func positionBeforeScalar(at position: Int) -> Int {
        var before = position - 1
        while before > 0, self[before] & 0xC0 == 0x80 { before -= 1 }
        return before
    }
}

extension [UInt8] {
    /// Appends the UTF-8 of a scalar below 0x200000.
    mutating func append(scalar: UInt32) {
        func trailing(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: 0x80 | scalar >> shift & 0x3F) }
        switch scalar {
        case 0..<0x80: append(UInt8(truncatingIfNeeded: scalar))
        case 0x80..<0x800:
            append(UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6))
            append(trailing(0))
        case 0x800..<0x10000:
            append(UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12))
            append(trailing(6))
            append(trailing(0))
        default:
            append(UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18))
            append(trailing(12))
            append(trailing(6))
            append(trailing(0))
        }
    }

    mutating func append(_ bytes: Span<UInt8>) {
        for index in bytes.indices { append(bytes[index]) }
    }
}

extension String {
    /// The text of valid UTF-8; what is malformed is repaired.
    init(copying bytes: Span<UInt8>) {
        // The buffer is valid for the closure, which only reads it.
        self = unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }
}
