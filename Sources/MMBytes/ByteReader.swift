/// The one cursor that reads headers: little endian by name, bounds checked, never loads a struct.
public struct ByteReader: ~Escapable, ~Copyable {
    @usableFromInline let bytes: RawSpan
    public private(set) var offset = 0

    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        self.bytes = bytes
    }

    public var remainingByteCount: Int { bytes.byteCount - offset }

    /// Reads a little-endian integer; throws `ParseError` when the bytes end first.
    @_lifetime(self: copy self)
    public mutating func little<T: FixedWidthInteger & BitwiseCopyable>(
        _ type: T.Type = T.self
    ) throws(ParseError) -> T {
        guard remainingByteCount >= MemoryLayout<T>.size else { throw truncated(needed: MemoryLayout<T>.size) }
        // In bounds: checked just above.
        let value = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: T.self)
        offset += MemoryLayout<T>.size
        return T(littleEndian: value)
    }

    /// Reads `count` bytes as a string of bytes.
    @_lifetime(self: copy self)
    public mutating func string(byteCount count: Int) throws(ParseError) -> ByteString {
        ByteString(try array(byteCount: count))
    }

    /// Copies the next `count` bytes.
    @_lifetime(self: copy self)
    public mutating func array(byteCount count: Int) throws(ParseError) -> [UInt8] {
        guard count >= 0, remainingByteCount >= count else { throw truncated(needed: count) }
        // In bounds: checked just above.
        let copy = unsafe bytes.extracting(offset..<offset + count).withUnsafeBytes { unsafe Array($0) }
        offset += count
        return copy
    }

    /// Throws `ParseError` unless `count` bytes are left.
    public borrowing func demand(byteCount count: Int) throws(ParseError) {
        guard count >= 0, remainingByteCount >= count else { throw truncated(needed: count) }
    }

    /// Moves past `count` bytes.
    @_lifetime(self: copy self)
    public mutating func skip(byteCount count: Int) throws(ParseError) {
        guard count >= 0, remainingByteCount >= count else { throw truncated(needed: count) }
        offset += count
    }

    @inline(never)
    private func truncated(needed: Int) -> ParseError {
        ParseError(.truncated(needed: needed, available: remainingByteCount), offset: offset)
    }
}
