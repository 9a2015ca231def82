/// Floating-point numbers of 4 to 8 bits (OCP OFP8 1.0 and OCP Microscaling Formats 1.0).
enum MiniFloat {
    /// A number without infinities and NaN: sign, exponent, mantissa from the top.
    static func value(_ code: UInt8, exponentBits: Int, mantissaBits: Int, bias: Int) -> Float {
        let mantissa = Int(code) & (1 << mantissaBits - 1)
        let exponent = Int(code) >> mantissaBits & (1 << exponentBits - 1)
        let sign: Float = Int(code) >> (mantissaBits + exponentBits) & 1 == 0 ? 1 : -1
        let fraction = Float(exponent == 0 ? mantissa : mantissa + 1 << mantissaBits)
        let power = max(exponent, 1) - bias - mantissaBits
        return sign * Float(sign: .plus, exponent: power, significand: fraction)
    }

    /// E4M3 in the finite variant: no infinities, S.1111.111 is NaN.
    static func e4m3(_ code: UInt8) -> Float {
        code & 0x7F == 0x7F ? .nan : value(code, exponentBits: 4, mantissaBits: 3, bias: 7)
    }

    /// E5M2: the high byte of an IEEE half.
    static func e5m2(_ code: UInt8) -> Float {
        guard code >> 2 & 31 == 31 else { return value(code, exponentBits: 5, mantissaBits: 2, bias: 15) }
        guard code & 3 == 0 else { return .nan }
        return code < 0x80 ? .infinity : -.infinity
    }

    /// The variants without negative zero and infinities (arXiv 2206.02915): 0x80 is NaN, the bias one higher.
    static func fnuz(_ code: UInt8, mantissaBits: Int) -> Float {
        guard code != 0x80 else { return .nan }
        let bias = mantissaBits == 3 ? 8 : 16
        return value(code, exponentBits: 7 - mantissaBits, mantissaBits: mantissaBits, bias: bias)
    }

    /// E8M0: a power of two, 0xFF is NaN.
    static func e8m0(_ code: UInt8) -> Float {
        code == 0xFF ? .nan : Float(sign: .plus, exponent: Int(code) - 127, significand: 1)
    }
}
