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
