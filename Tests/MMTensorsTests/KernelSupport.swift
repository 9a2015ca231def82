import CKernels
import MMTestSupport
import Testing

/// The types that kernels know, by the names of the goldens.
enum KernelType: String, CaseIterable {
    case f32 = "F32"
    case f16 = "F16"
    case q40 = "Q4_0"
    case q41 = "Q4_1"
    case q50 = "Q5_0"
    case q51 = "Q5_1"
    case q80 = "Q8_0"
    case q2K = "Q2_K"
    case q3K = "Q3_K"
    case q4K = "Q4_K"
    case q5K = "Q5_K"
    case q6K = "Q6_K"
    case iq4NL = "IQ4_NL"
    case iq4XS = "IQ4_XS"
    case f64 = "F64"
    case bf16 = "BF16"
    case tq10 = "TQ1_0"
    case tq20 = "TQ2_0"
    case mxfp4 = "MXFP4"

    /// The GGUF type id.
    var id: UInt32 {
        switch self {
        case .f32: 0
        case .f16: 1
        case .q40: 2
        case .q41: 3
        case .q50: 6
        case .q51: 7
        case .q80: 8
        case .q2K: 10
        case .q3K: 11
        case .q4K: 12
        case .q5K: 13
        case .q6K: 14
        case .iq4NL: 20
        case .iq4XS: 23
        case .f64: 28
        case .bf16: 30
        case .tq10: 34
        case .tq20: 35
        case .mxfp4: 39
        }
    }

    var blockElements: Int { mmk_block_elements(id) }
    var blockBytes: Int { mmk_block_bytes(id) }
    var isQuantized: Bool { blockElements > 1 }
}

enum Kernels {
    static let instructionSets: [KernelISA] = [.scalar, .avx2, .avx512, .neon].filter(mmk_isa_available)

    static func decode(_ type: KernelType, _ blocks: [UInt8], isa: KernelISA) -> [Float]? {
        let count = blocks.count / type.blockBytes * type.blockElements
        var values = [Float](repeating: .nan, count: count)
        return mmk_decode_isa(isa, type.id, blocks, &values, count) ? values : nil
    }

    static func quantize(_ type: KernelType, _ values: [Float], isa: KernelISA, searched: Bool = false) -> [UInt8]? {
        var blocks = [UInt8](repeating: 0xAA, count: values.count / type.blockElements * type.blockBytes)
        let isDone =
            searched
            ? mmk_quantize_searched_isa(isa, type.id, values, &blocks, values.count)
            : mmk_quantize_isa(isa, type.id, values, &blocks, values.count)
        return isDone ? blocks : nil
    }

    static func floats(_ fixture: String) throws -> [Float] {
        try Fixture.bytes(fixture).withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { index in
                Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)))
            }
        }
    }

    /// Reproducible values, roughly normal.
    static func values(_ count: Int, seed: UInt64, scale: Float = 1) -> [Float] {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        return (0..<count).map { _ in
            var sum: Float = -6
            for _ in 0..<12 {
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                sum += Float(state >> 40) * 0x1p-24
            }
            return sum * scale
        }
    }

    /// Blocks of any type, from values where the type has an encoder and from a golden where it has none.
    static func blocks(_ type: KernelType, count: Int, seed: UInt64) throws -> [UInt8] {
        let rounded = (count + type.blockElements - 1) / type.blockElements * type.blockElements
        switch type {
        case .f64:
            return values(rounded, seed: seed).flatMap { value in
                withUnsafeBytes(of: Double(value).bitPattern.littleEndian, Array.init)
            }
        case .q2K, .q3K, .iq4XS, .tq10, .tq20, .mxfp4:
            let golden = try Fixture.bytes("quantizers/decode/\(type.rawValue).blocks")
            let byteCount = rounded / type.blockElements * type.blockBytes
            return (0..<byteCount).map { golden[$0 % golden.count] }
        case .q4K, .q5K, .q6K, .iq4NL:
            return try #require(quantize(type, values(rounded, seed: seed), isa: .scalar, searched: true))
        default:
            return try #require(quantize(type, values(rounded, seed: seed), isa: .scalar))
        }
    }
}

extension [Float] {
    var bits: [UInt32] { map(\.bitPattern) }
}
