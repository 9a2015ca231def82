extension MutableRawSpan {
    /// Copies `source`, which is exactly as long.
    mutating func copy(_ source: RawSpan) {
        precondition(source.byteCount == byteCount)
        unsafe withUnsafeMutableBytes { destination in
            // Equal lengths by the precondition.
            unsafe source.withUnsafeBytes { unsafe destination.copyMemory(from: $0) }
        }
    }

    /// Sets all bytes to zero.
    mutating func clear() {
        // Inside the span's own length.
        unsafe withUnsafeMutableBytes { _ = unsafe $0.initializeMemory(as: UInt8.self, repeating: 0) }
    }
}

extension RawSpan {
    /// The offset of the first byte that is not zero, eight at a time.
    var firstNonZeroOffset: Int? {
        var offset = 0
        while offset + 8 <= byteCount {
            // Eight bytes are there.
            if unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self) != 0 { break }
            offset += 8
        }
        while offset < byteCount {
            // One byte is there.
            if unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self) != 0 { return offset }
            offset += 1
        }
        return nil
    }
}
