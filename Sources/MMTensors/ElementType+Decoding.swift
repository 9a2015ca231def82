internal import CKernels

extension ElementType {
    /// Whether `decode` knows the type.
    public var isDecodable: Bool {
        if let id = ggmlType, mmk_can_decode(id) { return true }
        return scalarDecoder != nil || self == .f4 || self == .f6E2M3 || self == .f6E3M2
    }

    /// Decodes whole blocks to f32: `source` holds exactly `destination.count` elements of a decodable type.
    ///
    /// Block types follow GGML's reference dequantizers bit for bit; the safetensors float formats follow the OCP
    /// 8-bit floating point (OFP8) and microscaling (MX) specifications. 64-bit values round to nearest.
    public func decode(_ source: RawSpan, into destination: inout MutableSpan<Float>) {
        let count = destination.count
        precondition(
            count % block.elementCount == 0 && source.byteCount == count / block.elementCount * block.byteCount
        )
        if let id = ggmlType, mmk_can_decode(id) {
            // Both sides were sized by the precondition; the kernel touches exactly `count` elements.
            let isDecoded = unsafe source.withUnsafeBytes { input in
                unsafe destination.withUnsafeMutableBufferPointer { output in
                    guard let from = input.baseAddress, let to = output.baseAddress else { return true }
                    return unsafe mmk_decode(id, from, to, count)
                }
            }
            precondition(isDecoded)
        } else if let scalarDecoder {
            for index in 0..<count { destination[index] = scalarDecoder(source, index) }
        } else {
            decodePacked(source, into: &destination)
        }
    }

    /// One element of a byte-aligned plain type that GGML does not have.
    private var scalarDecoder: ((RawSpan, Int) -> Float)? {
        // In bounds: `decode` has checked that the span holds every element.
        switch self {
        case .bool: { unsafe $0.unsafeLoad(fromByteOffset: $1, as: UInt8.self) == 0 ? 0 : 1 }
        case .u8: { Float(unsafe $0.unsafeLoad(fromByteOffset: $1, as: UInt8.self)) }
        case .i8: { Float(unsafe $0.unsafeLoad(fromByteOffset: $1, as: Int8.self)) }
        case .i16: { Float(unsafe $0.unsafeLoadUnaligned(fromByteOffset: $1 * 2, as: Int16.self)) }
        case .u16: { Float(unsafe $0.unsafeLoadUnaligned(fromByteOffset: $1 * 2, as: UInt16.self)) }
        case .i32: { Float(unsafe $0.unsafeLoadUnaligned(fromByteOffset: $1 * 4, as: Int32.self)) }
        case .u32: { Float(unsafe $0.unsafeLoadUnaligned(fromByteOffset: $1 * 4, as: UInt32.self)) }
        case .i64: { Float(unsafe $0.unsafeLoadUnaligned(fromByteOffset: $1 * 8, as: Int64.self)) }
        case .u64: { Float(unsafe $0.unsafeLoadUnaligned(fromByteOffset: $1 * 8, as: UInt64.self)) }
        case .f64: { Float(unsafe $0.unsafeLoadUnaligned(fromByteOffset: $1 * 8, as: Double.self)) }
        case .f8E4M3: { MiniFloat.e4m3(unsafe $0.unsafeLoad(fromByteOffset: $1, as: UInt8.self)) }
        case .f8E5M2: { MiniFloat.e5m2(unsafe $0.unsafeLoad(fromByteOffset: $1, as: UInt8.self)) }
        case .f8E4M3FNUZ: { MiniFloat.fnuz(unsafe $0.unsafeLoad(fromByteOffset: $1, as: UInt8.self), mantissaBits: 3) }
        case .f8E5M2FNUZ: { MiniFloat.fnuz(unsafe $0.unsafeLoad(fromByteOffset: $1, as: UInt8.self), mantissaBits: 2) }
        case .f8E8M0: { MiniFloat.e8m0(unsafe $0.unsafeLoad(fromByteOffset: $1, as: UInt8.self)) }
        default: nil
        }
    }

    /// The types that share bytes between elements, first element in the low bits.
    private func decodePacked(_ source: RawSpan, into destination: inout MutableSpan<Float>) {
        let width = self == .f4 ? 4 : 6
        for index in 0..<destination.count {
            let bit = index * width
            // In bounds: the last element ends with the last byte, and a six-bit one never starts in it.
            let low = UInt32(unsafe source.unsafeLoad(fromByteOffset: bit / 8, as: UInt8.self))
            let next = bit / 8 + 1 < source.byteCount ? bit / 8 + 1 : bit / 8
            let high = UInt32(unsafe source.unsafeLoad(fromByteOffset: next, as: UInt8.self))
            let code = UInt8(truncatingIfNeeded: (low | high << 8) >> UInt32(bit % 8)) & (1 << width - 1)
            destination[index] =
                switch self {
                case .f4: MiniFloat.value(code, exponentBits: 2, mantissaBits: 1, bias: 1)
                case .f6E2M3: MiniFloat.value(code, exponentBits: 2, mantissaBits: 3, bias: 1)
                default: MiniFloat.value(code, exponentBits: 3, mantissaBits: 2, bias: 3)
                }
        }
    }
}
